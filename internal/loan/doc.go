// Package loan is the arithmetic and the life of a vale: products, quotes with
// their schedule and CAT, allocation of payments, what is owed on a day, and
// the states that a vale, a loan and their parts go through.
//
// Everything is a pure function of its arguments: dates come from the caller
// and nothing is read from configuration after a quote, whose Terms are frozen.
// Callers may not assume that a position stays true: it is derived from the
// rows and the payments again, for any day, by Replay. Amounts are centavos,
// dates are civil dates of the lender's zone.
package loan
