package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/source"
)

type quoteCmd struct {
	Amount  string `arg:"" name:"monto" help:"Monto en pesos."`
	Terms   int    `arg:"" name:"plazos" help:"Cuántos pagos."`
	Date    string `help:"Fecha en que se autoriza (AAAA-MM-DD); por omisión, hoy."`
	Product string `help:"Producto (vale, nomina…) o archivo de producto (./mio.yaml); por omisión, vale."`
}

// Help shows two real uses.
func (quoteCmd) Help() string {
	return `Ejemplos:
  valebot quote 3000 8
  valebot quote "2,500" 6 --date 2026-03-02 --json
  valebot quote 8000 12 --product nomina

Con --json los montos van en centavos y las fechas como AAAA-MM-DD.`
}

// Run prints a quote with its schedule. JSON: loan.Quote, in centavos.
func (c *quoteCmd) Run(e *env) error {
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
	product, err := c.product(e, day)
	if err != nil {
		return err
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
		return misuse("%w Se ofrece a %s %s.", err, strings.Trim(fmt.Sprint(p.Terms), "[]"), periods(p.Frequency))
	}
	return coded{err, exitUsage}
}

// periods are the periods of a frequency, as people count them.
func periods(f quincena.Frequency) string {
	switch f {
	case quincena.Weekly:
		return "semanas"
	case quincena.Catorcenal:
		return "catorcenas"
	case quincena.Monthly:
		return "meses"
	}
	return "quincenas"
}

// product finds the product that was named: a file, or the version of one that
// the program carries. A broken file ends with exit code 3.
func (c *quoteCmd) product(e *env, day quincena.Date) (loan.Product, error) {
	if !strings.ContainsAny(c.Product, "./-") {
		book, err := app.LoadRulebook(app.FilesFrom(""))
		if err != nil {
			return loan.Product{}, err
		}
		product, err := book.Products.On(cmp.Or(c.Product, "vale"), day)
		if fault.CodeOf(err) == "no_such_product" {
			return product, misuse("%w Hay: %s.", err, strings.Join(book.Products.IDs(), ", "))
		}
		if err != nil {
			return product, coded{err, exitUsage}
		}
		return product, nil
	}
	text, err := e.readFile(c.Product)
	if err != nil {
		return loan.Product{}, err
	}
	product, problems := loan.LintProduct(c.Product, text)
	if source.Errors(problems) > 0 {
		return product, &app.Broken{Problems: problems}
	}
	return product, nil
}

// column is one column of amounts of the table.
type column struct {
	name  string
	of    func(loan.Instalment) money.Amount
	width int
	maybe bool // left out where it is all zero
}

func columns(q loan.Quote) []column {
	all := []column{
		{"capital", func(r loan.Instalment) money.Amount { return r.Capital }, 11, false},
		{"interés", func(r loan.Instalment) money.Amount { return r.Interest }, 11, false},
		{"IVA", func(r loan.Instalment) money.Amount { return r.IVA + r.FeeIVA }, 9, false},
		{"comisión", func(r loan.Instalment) money.Amount { return r.Fee }, 9, true},
		{"seguro", func(r loan.Instalment) money.Amount { return r.Insurance }, 9, true},
		{"pago", loan.Instalment.Total, 11, false},
	}
	return slices.DeleteFunc(all, func(c column) bool { return c.maybe && c.sum(q) == 0 })
}

func (c column) sum(q loan.Quote) money.Amount {
	var sum money.Amount
	for _, r := range q.Rows {
		sum += c.of(r)
	}
	return sum
}

// quoteTable prints a quote with its sums and a small picture of the balance.
func quoteTable(q loan.Quote) string {
	var b strings.Builder
	quoteHead(&b, q)
	shown := columns(q)
	fmt.Fprintf(&b, "%3s  %-10s  %-10s", "n", "vence", "exigible")
	for _, c := range shown {
		fmt.Fprintf(&b, " %*s", c.width, c.name)
	}
	b.WriteString("  saldo de capital\n")
	balance := q.Terms.Principal
	for _, r := range q.Rows {
		fmt.Fprintf(&b, "%3d  %-10v  %-10v", r.N, r.Due, r.Enforceable)
		for _, c := range shown {
			fmt.Fprintf(&b, " %*v", c.width, c.of(r))
		}
		balance -= r.Capital
		bar := strings.Repeat("█", int(20*balance/max(q.Terms.Principal, 1)))
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(bar+" "+balance.String()))
	}
	fmt.Fprintf(&b, "%3s  %-10s  %-10s", "", "suma", "")
	for _, c := range shown {
		fmt.Fprintf(&b, " %*v", c.width, c.sum(q))
	}
	b.WriteString("\n")
	return b.String()
}

// quoteHead says what is lent and handed out, and what it costs.
func quoteHead(b *strings.Builder, q loan.Quote) {
	t := q.Terms
	count := fmt.Sprintf("%d pagos", len(q.Rows))
	if len(q.Rows) == 1 {
		count = "un pago"
	}
	fmt.Fprintf(b, "%s en %s de %s · total %s · CAT %s sin IVA\n", t.Asked(), count, t.Payment, t.Total, t.CAT)
	fmt.Fprintf(b, "%s\n", money.Words(t.Asked()))
	if t.Upfront > 0 {
		fmt.Fprintf(b, "se presta %s, menos %s de comisión y %s de IVA: se entregan %s\n", t.Principal, t.Upfront, t.UpfrontIVA, t.Payout())
	}
	b.WriteString("\n")
}
