package understand

// numberKind says how a word takes part in a number.
type numberKind uint8

const (
	numNone numberKind = iota
	numZero
	numUnit // uno to veintinueve
	numTen
	numHundred
	numHundreds // cientos, written apart from its number: "dos cientos"
	numThousand
	numMillion
	numArticle  // un, una
	numMinus    // menos
	numHalf     // medio, media
	numFraction // tercio, cuarto, quinto…
	numOrdinal  // primero, segundo…
	numPoint    // punto, coma, con
	numOver     // sobre, entre
	numDozen    // docena, decena, par: counts by so many
	numVague    // pico, tantos: a number that was left open
)

type numberWord struct {
	kind  numberKind
	value int64
}

type spelledNumber struct {
	word  string
	kind  numberKind
	value int64
}

// smallNumbers lists the words of numbers; plurals and feminines are written out
// because the vocabulary matches whole words.
func smallNumbers() []spelledNumber {
	return []spelledNumber{
		{"cero", numZero, 0}, {"un", numArticle, 1}, {"una", numArticle, 1}, {"uno", numUnit, 1},
		{"dos", numUnit, 2}, {"tres", numUnit, 3}, {"cuatro", numUnit, 4}, {"cinco", numUnit, 5},
		{"seis", numUnit, 6}, {"siete", numUnit, 7}, {"ocho", numUnit, 8}, {"nueve", numUnit, 9},
		{"diez", numUnit, 10}, {"once", numUnit, 11}, {"doce", numUnit, 12}, {"trece", numUnit, 13},
		{"catorce", numUnit, 14}, {"quince", numUnit, 15}, {"dieciseis", numUnit, 16},
		{"diecisiete", numUnit, 17}, {"dieciocho", numUnit, 18}, {"diecinueve", numUnit, 19},
		{"ventiuno", numUnit, 21}, {"ventidos", numUnit, 22}, {"ventitres", numUnit, 23}, {"venticuatro", numUnit, 24},
		{"venticinco", numUnit, 25}, {"ventiseis", numUnit, 26}, {"ventisiete", numUnit, 27}, {"ventiocho", numUnit, 28},
		{"ventinueve", numUnit, 29}, {"veinte", numTen, 20}, {"veintiun", numUnit, 21}, {"veintiuno", numUnit, 21},
		{"veintiuna", numUnit, 21}, {"veintidos", numUnit, 22}, {"veintitres", numUnit, 23},
		{"veinticuatro", numUnit, 24}, {"veinticinco", numUnit, 25}, {"veintiseis", numUnit, 26},
		{"veintisiete", numUnit, 27}, {"veintiocho", numUnit, 28}, {"veintinueve", numUnit, 29},
		{"treinta", numTen, 30}, {"cuarenta", numTen, 40}, {"cincuenta", numTen, 50},
		{"sesenta", numTen, 60}, {"setenta", numTen, 70}, {"ochenta", numTen, 80}, {"noventa", numTen, 90},
		{"cien", numHundred, 100}, {"ciento", numHundred, 100},
		{"cientos", numHundreds, 100}, {"cientas", numHundreds, 100},
		{"mil", numThousand, 1000}, {"miles", numThousand, 1000}, {"k", numThousand, 1000},
		{"millon", numMillion, 1e6}, {"millones", numMillion, 1e6}, {"millardo", numMillion, 1e9},
		{"millardos", numMillion, 1e9}, {"billon", numMillion, 1e12}, {"billones", numMillion, 1e12},
		{"trillon", numMillion, 1e18}, {"trillones", numMillion, 1e18},
		{"menos", numMinus, 0}, {"negativo", numMinus, 0},
		{"medio", numHalf, 2}, {"media", numHalf, 2}, {"punto", numPoint, 0}, {"coma", numPoint, 0},
		{"con", numPoint, 0}, {"sobre", numOver, 0}, {"docena", numDozen, 12}, {"docenas", numDozen, 12},
		{"dz", numDozen, 12}, {"doz", numDozen, 12}, {"dozs", numDozen, 12}, {"decena", numDozen, 10}, {"decenas", numDozen, 10},
		{"centena", numDozen, 100}, {"centenas", numDozen, 100}, {"centenar", numDozen, 100}, {"centenares", numDozen, 100},
		{"millar", numDozen, 1000}, {"millares", numDozen, 1000}, {"par", numDozen, 2}, {"pares", numDozen, 2},
		{"pico", numVague, 0}, {"piquito", numVague, 0}, {"tantos", numVague, 0}, {"tantas", numVague, 0},
	}
}

// stems that take endings: hundreds, ordinals and fractions.
type stem struct {
	word  string
	value int64
}

func hundreds() []stem {
	return []stem{
		{"doscient", 200}, {"trescient", 300}, {"cuatrocient", 400}, {"quinient", 500},
		{"seiscient", 600}, {"setecient", 700}, {"ochocient", 800}, {"novecient", 900},
	}
}

// ordinals also serve as fractions from "cuarto" on.
func ordinals() []stem {
	return []stem{
		{"primer", 1}, {"segund", 2}, {"tercer", 3}, {"cuart", 4}, {"quint", 5}, {"sext", 6},
		{"septim", 7}, {"octav", 8}, {"noven", 9}, {"decim", 10}, {"undecim", 11}, {"duodecim", 12},
		{"decimoprimer", 11}, {"decimosegund", 12}, {"decimotercer", 13}, {"decimocuart", 14},
		{"decimoquint", 15}, {"decimosext", 16}, {"decimoseptim", 17}, {"decimoctav", 18},
		{"decimonoven", 19}, {"vigesim", 20}, {"trigesim", 30}, {"cuadragesim", 40},
		{"quincuagesim", 50}, {"sexagesim", 60}, {"septuagesim", 70}, {"octogesim", 80},
		{"nonagesim", 90}, {"centesim", 100}, {"ducentesim", 200}, {"tricentesim", 300},
		{"cuadringentesim", 400}, {"quingentesim", 500}, {"sexcentesim", 600}, {"septingentesim", 700},
		{"octingentesim", 800}, {"noningentesim", 900}, {"milesim", 1000}, {"millonesim", 1e6}, {"billonesim", 1e12},
	}
}

// addNumbers teaches the vocabulary every number word and returns their meaning.
func addNumbers(add func(word string, kind numberKind, value int64)) {
	small := smallNumbers()
	for _, n := range small {
		add(n.word, n.kind, n.value)
	}
	for _, h := range hundreds() {
		add(h.word+"os", numHundred, h.value)
		add(h.word+"as", numHundred, h.value)
	}
	for _, tens := range small {
		if tens.kind != numTen || tens.value == 20 {
			continue
		}
		for _, unit := range small {
			if unit.kind == numUnit && unit.value > 0 && unit.value < 10 {
				add(tens.word+"i"+unit.word, numUnit, tens.value+unit.value)
				add(tens.word+"y"+unit.word, numUnit, tens.value+unit.value)
			}
		}
	}
	addOrdinals(add)
	addFractions(add, small)
}

func addOrdinals(add func(string, numberKind, int64)) {
	add("primer", numOrdinal, 1)
	add("tercer", numOrdinal, 3)
	for _, o := range ordinals() {
		for _, end := range [...]string{"o", "a", "os", "as"} {
			add(o.word+end, numOrdinal, o.value)
		}
	}
}

// addFractions teaches "tercio", "veinticincoavo" and "dosmilésimo".
func addFractions(add func(string, numberKind, int64), small []spelledNumber) {
	add("tercio", numFraction, 3)
	add("tercios", numFraction, 3)
	for _, n := range small {
		if n.kind != numUnit && n.kind != numTen && n.kind != numHundred || n.value < 2 {
			continue
		}
		add(n.word+"avo", numFraction, n.value)
		add(n.word+"avos", numFraction, n.value)
		for _, end := range [...]string{"o", "a", "os", "as"} {
			add(n.word+"milesim"+end, numFraction, n.value*1000)
		}
	}
	for _, tens := range small {
		for _, unit := range small {
			if tens.kind == numTen && tens.value > 20 && unit.kind == numUnit && unit.value > 0 && unit.value < 10 {
				add(tens.word+"i"+unit.word+"avos", numFraction, tens.value+unit.value)
			}
		}
	}
}
