package mexid

// bankName returns the short name of the institution with a three-digit CLABE
// code, as its customers know it, or "".
func bankName(code string) string { return banks[code] }

// banks holds the participants of SPEI that Banco de México publishes, by CLABE
// code. It is never written. Institutions that left are kept, because people
// still type old accounts and understand the answer better with the bank's name
// in it. A new participant is one more line.
var banks = map[string]string{
	"001": "Banxico", "002": "Banamex", "006": "Bancomext", "009": "Banobras",
	"012": "BBVA", "014": "Santander", "019": "Banjercito", "021": "HSBC",
	"022": "GE Money", "032": "IXE", "037": "Interacciones",
	"030": "BanBajío", "036": "Inbursa", "042": "Mifel", "044": "Scotiabank",
	"058": "Banregio", "059": "Invex", "060": "Bansí", "062": "Afirme",
	"072": "Banorte", "102": "Accendo Banco", "103": "American Express", "106": "Bank of America",
	"108": "MUFG", "110": "JP Morgan", "112": "Monex", "113": "Ve por Más",
	"124": "Citi México", "126": "Credit Suisse", "127": "Banco Azteca", "128": "Autofin",
	"129": "Barclays", "130": "Compartamos", "131": "Banco Famsa", "132": "Multiva",
	"133": "Actinver", "135": "Nafin", "136": "Intercam", "137": "BanCoppel",
	"138": "Ualá", "140": "Consubanco", "141": "Volkswagen Bank", "143": "CIBanco",
	"145": "Banco Base", "147": "Bankaool", "148": "PagaTodo", "150": "Inmobiliario Mexicano",
	"151": "Fundación Dondé", "152": "Bancrea", "154": "Banco Covalto", "155": "ICBC",
	"156": "Sabadell", "157": "Shinhan", "158": "Mizuho", "159": "Bank of China",
	"160": "Banco S3", "166": "Banco del Bienestar", "167": "Hey Banco", "168": "Hipotecaria Federal",
	"170": "Revolut", "116": "ING", "134": "Banco Walmart", "139": "UBS",

	"600": "Monex Casa de Bolsa", "601": "GBM", "602": "Masari", "605": "Value",
	"606": "Estructuradores", "608": "Vector", "613": "Multiva Casa de Bolsa", "614": "Accival",
	"616": "Finamex", "617": "Valmex", "620": "Profuturo", "623": "Skandia",
	"630": "Intercam Casa de Bolsa", "631": "CI Bolsa", "634": "Fincomún", "636": "HDI Seguros",
	"637": "Order", "638": "Nu México", "642": "Reforma", "646": "STP",
	"648": "Evercore", "649": "Oskndia", "652": "Credicapital", "653": "Kuspit",
	"655": "Sofiexpress", "656": "Unagra", "659": "ASP Integra", "661": "Klar",
	"670": "Libertad", "674": "AXA", "677": "Caja Popular Mexicana", "679": "FND",
	"680": "Cristóbal Colón", "683": "Caja Telefonistas", "684": "Transfer", "685": "FIRA",
	"686": "Invercap", "688": "CrediClub", "689": "Fomped", "699": "Fondeadora",
	"703": "Tesored", "706": "Arcus", "710": "NVIO", "714": "PayPal",
	"715": "Cashi", "720": "MexPago", "721": "albo", "722": "Mercado Pago",
	"723": "Cuenca", "727": "Transfer Directo", "728": "Spin by OXXO", "729": "Depósitos y Pagos Digitales",
	"730": "Clip", "732": "Peibo", "734": "Finco Pay", "738": "Fintoc",
	"604": "Inbursa Casa de Bolsa", "607": "Tiber", "610": "B y B", "611": "Intercam Casa de Cambio",
	"615": "Merrill Lynch", "618": "Única", "619": "Mapfre", "621": "Actinver Casa de Bolsa",
	"622": "Actinver SI", "624": "Consultoría Internacional", "626": "Deutsche Securities", "627": "Zurich",
	"628": "Zurich Vida", "629": "Su Casita", "632": "Bulltick", "633": "Sterling",
	"640": "JP Morgan Casa de Bolsa", "647": "Telecomm", "651": "Seguros Monterrey", "846": "STP",
	"901": "CLS", "902": "Indeval", "903": "CoDi Valida",
}
