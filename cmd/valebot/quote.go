package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

type quoteCmd struct {
	Amount  string `arg:"" name:"monto" help:"Monto en pesos."`
	Terms   int    `arg:"" name:"plazos" help:"Cuántas quincenas."`
	Date    string `help:"Fecha en que se autoriza (AAAA-MM-DD); por omisión, hoy."`
	Product string `help:"Archivo de producto; por omisión, el que trae el programa."`
}

// Help shows two real uses.
func (quoteCmd) Help() string {
	return `Ejemplos:
  valebot quote 3000 8
  valebot quote "2,500" 6 --date 2026-03-02 --json

Con --json los montos van en centavos y las fechas como AAAA-MM-DD.`
}

// Run prints a quote with its schedule. JSON: loan.Quote, in centavos.
func (c *quoteCmd) Run(e *env) error {
	product, err := c.product(e)
	if err != nil {
		return err
	}
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return misuse("«%s» no es un monto en pesos; escribe 3000 o \"3,000.50\"", c.Amount)
	}
	day := quincena.On(time.Now(), quincena.Central())
	if c.Date != "" {
		if day, err = quincena.ParseDate(c.Date); err != nil {
			return misuse("la fecha «%s» no es AAAA-MM-DD", c.Date)
		}
	}
	q, err := loan.NewQuote(product, amount, c.Terms, day, quincena.NewCalendar())
	if err != nil {
		return refusedQuote(err, product)
	}
	return e.print(q, quoteTable(q))
}

// refusedQuote says what the product offers instead.
func refusedQuote(err error, p loan.Product) error {
	if fault.CodeOf(err) == "term_not_offered" {
		return misuse("%w Se ofrece a %s quincenas.", err, strings.Trim(fmt.Sprint(p.Terms), "[]"))
	}
	return coded{err, exitUsage}
}

// product reads the file that was named; a broken one ends with exit code 3.
func (c *quoteCmd) product(e *env) (loan.Product, error) {
	if c.Product == "" {
		book, err := app.LoadRulebook(app.FilesFrom(""))
		if err != nil {
			return loan.Product{}, err
		}
		return book.Product, nil
	}
	text, err := e.readFile(c.Product)
	if err != nil {
		return loan.Product{}, err
	}
	product, err := loan.ParseProduct(text)
	var broken *fault.Fault
	if errors.As(err, &broken) {
		return product, coded{err, exitFindings}
	}
	return product, err
}

// quoteTable prints a quote with its sums and a small picture of the balance.
func quoteTable(q loan.Quote) string {
	const row = "%3v  %-10v  %-10v %11s %11s %9s %11s"
	var b strings.Builder
	fmt.Fprintf(&b, "%s en %d pagos de %s · total %s · CAT %s sin IVA\n%s\n\n", q.Terms.Principal, len(q.Rows), q.Terms.Payment, q.Terms.Total, q.Terms.CAT,
		money.Words(q.Terms.Principal))
	fmt.Fprintf(&b, row+"  saldo de capital\n", "n", "vence", "exigible", "capital", "interés", "IVA", "pago")
	balance := q.Terms.Principal
	var sum loan.Instalment
	for _, r := range q.Rows {
		balance -= r.Capital
		sum.Capital, sum.Interest, sum.IVA = sum.Capital+r.Capital, sum.Interest+r.Interest, sum.IVA+r.IVA
		bar := strings.Repeat("█", int(20*balance/max(q.Terms.Principal, 1)))
		fmt.Fprintf(&b, row+"  %s\n", r.N, r.Due, r.Enforceable, r.Capital, r.Interest, r.IVA, r.Total(), strings.TrimSpace(bar+" "+balance.String()))
	}
	fmt.Fprintf(&b, row+"\n", "", "suma", "", sum.Capital, sum.Interest, sum.IVA, q.Terms.Total)
	return b.String()
}
