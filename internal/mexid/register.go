package mexid

import "strings"

// stateName returns the name of the state with a CURP code, or "".
func stateName(code string) string { return states[code] }

// states are the 32 federal entities and NE, with the codes of the population
// register. It is never written. The code of Mexico City is still DF.
var states = map[string]string{
	"AS": "Aguascalientes", "BC": "Baja California", "BS": "Baja California Sur", "CC": "Campeche",
	"CL": "Coahuila", "CM": "Colima", "CS": "Chiapas", "CH": "Chihuahua",
	"DF": "Ciudad de México", "DG": "Durango", "GT": "Guanajuato", "GR": "Guerrero",
	"HG": "Hidalgo", "JC": "Jalisco", "MC": "Estado de México", "MN": "Michoacán",
	"MS": "Morelos", "NT": "Nayarit", "NL": "Nuevo León", "OC": "Oaxaca",
	"PL": "Puebla", "QT": "Querétaro", "QR": "Quintana Roo", "SP": "San Luis Potosí",
	"SL": "Sinaloa", "SR": "Sonora", "TC": "Tabasco", "TS": "Tamaulipas",
	"TL": "Tlaxcala", "VZ": "Veracruz", "YN": "Yucatán", "ZS": "Zacatecas",
	"NE": "Nacido en el extranjero",
}

// rudeWord reports whether four initials spell a word that neither the
// population register nor the tax office issues: CURP puts an X in the second
// place, RFC in the last (annex of the Instructivo normativo de la CURP).
func rudeWord(initials string) bool {
	return len(initials) == 4 && strings.Contains(rudeWords, " "+initials+" ")
}

const rudeWords = " BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO" +
	" FALO FETO GETA GUEI GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO" +
	" LILO LOCA LOCO LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO PENE" +
	" PIPI PITO POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI WUEY "
