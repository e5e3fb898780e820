package money

import (
	"fmt"
	"strings"
)

const million = 1_000_000

var (
	small = [...]string{
		"CERO", "UN", "DOS", "TRES", "CUATRO", "CINCO", "SEIS", "SIETE", "OCHO", "NUEVE",
		"DIEZ", "ONCE", "DOCE", "TRECE", "CATORCE", "QUINCE", "DIECISÉIS", "DIECISIETE", "DIECIOCHO", "DIECINUEVE",
		"VEINTE", "VEINTIÚN", "VEINTIDÓS", "VEINTITRÉS", "VEINTICUATRO", "VEINTICINCO", "VEINTISÉIS", "VEINTISIETE", "VEINTIOCHO", "VEINTINUEVE",
	}
	tens     = [...]string{"", "", "", "TREINTA", "CUARENTA", "CINCUENTA", "SESENTA", "SETENTA", "OCHENTA", "NOVENTA"}
	hundreds = [...]string{
		"", "CIENTO", "DOSCIENTOS", "TRESCIENTOS", "CUATROCIENTOS", "QUINIENTOS",
		"SEISCIENTOS", "SETECIENTOS", "OCHOCIENTOS", "NOVECIENTOS",
	}
)

// Words writes the amount as contracts and pagarés do: "TRES MIL PESOS 00/100
// M.N.". UN and VEINTIÚN are shortened because PESOS follows, and a round
// million takes DE. Amounts below zero begin with MENOS.
func Words(a Amount) string {
	pesos, cents := a.abs()/100, a.abs()%100
	var parts []string
	if a < 0 {
		parts = append(parts, "MENOS")
	}
	parts = append(parts, cardinal(pesos))
	if pesos >= million && pesos%million == 0 {
		parts = append(parts, "DE")
	}
	unit := "PESOS"
	if pesos == 1 {
		unit = "PESO"
	}
	return strings.Join(append(parts, unit, fmt.Sprintf("%02d/100 M.N.", cents)), " ")
}

// cardinal counts in the long scale of Spanish: a billón is a million millions.
func cardinal(n uint64) string {
	if n == 0 {
		return small[0]
	}
	var parts []string
	parts = appendScale(parts, n/(million*million), "BILLÓN", "BILLONES")
	parts = appendScale(parts, n/million%million, "MILLÓN", "MILLONES")
	if rest := n % million; rest > 0 {
		parts = append(parts, thousands(rest))
	}
	return strings.Join(parts, " ")
}

func appendScale(parts []string, n uint64, one, many string) []string {
	switch n {
	case 0:
		return parts
	case 1:
		return append(parts, "UN "+one)
	default:
		return append(parts, thousands(n)+" "+many)
	}
}

// thousands writes 1 to 999,999.
func thousands(n uint64) string {
	high, low := n/1000, n%1000
	switch {
	case high == 0:
		return below1000(low)
	case high == 1:
		return strings.TrimSuffix("MIL "+below1000(low), " ")
	default:
		return strings.TrimSuffix(below1000(high)+" MIL "+below1000(low), " ")
	}
}

// below1000 writes 1 to 999, and nothing for 0.
func below1000(n uint64) string {
	if n == 100 {
		return "CIEN"
	}
	parts := make([]string, 0, 2)
	if n >= 100 {
		parts = append(parts, hundreds[n/100])
	}
	if rest := n % 100; rest > 0 {
		parts = append(parts, below100(rest))
	}
	return strings.Join(parts, " ")
}

func below100(n uint64) string {
	if n < uint64(len(small)) {
		return small[n]
	}
	if n%10 == 0 {
		return tens[n/10]
	}
	return tens[n/10] + " Y " + small[n%10]
}
