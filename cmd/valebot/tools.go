package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/gsm7"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// print writes JSON for programs or text for people.
func (e *env) print(value any, text string) error {
	if !e.json {
		_, err := io.WriteString(e.out, text)
		return err
	}
	encoder := json.NewEncoder(e.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

type checkCmd struct {
	Kind  string `arg:"" enum:"curp,rfc,clabe,phone" help:"curp, rfc, clabe o phone."`
	Value string `arg:"" help:"Lo que se revisa."`
}

// Help shows two real uses.
func (checkCmd) Help() string {
	return `Ejemplos:
  valebot check clabe 032180000118359719
  valebot check phone "044 667 123 4567" --json`
}

type checked struct {
	Kind  string `json:"kind"`
	Valid bool   `json:"valid"`
	Value string `json:"value,omitempty"` // canonical form
	Note  string `json:"note,omitempty"`  // bank of a CLABE, warning about an RFC
	Code  string `json:"code,omitempty"`
	Error string `json:"error,omitempty"`
}

// Run checks an identifier. A wrong one ends with exit code 3.
func (c *checkCmd) Run(e *env) error {
	out := checked{Kind: c.Kind}
	var err error
	switch c.Kind {
	case "curp":
		var v mexid.CURP
		v, err = mexid.ParseCURP(c.Value)
		out.Value = string(v)
	case "rfc":
		var v mexid.RFC
		v, err = mexid.ParseRFC(c.Value)
		out.Value = string(v)
	case "clabe":
		var v mexid.CLABE
		if v, err = mexid.ParseCLABE(c.Value); err == nil {
			out.Value, out.Note = string(v), v.Bank()
		}
	case "phone":
		var v mexid.Phone
		v, err = mexid.ParsePhone(c.Value)
		out.Value = string(v)
	}
	if err != nil {
		out.Value, out.Code, out.Error = "", fault.CodeOf(err), fault.TextOf(err)
		return errors.Join(e.print(out, out.Error+"\n"), coded{errors.New(""), 3})
	}
	out.Valid = true
	return e.print(out, strings.TrimSpace(out.Value+"  "+out.Note)+"\n")
}

type smsCmd struct {
	Text string `arg:"" optional:"" help:"El texto; sin él se lee de la entrada."`
}

// Help shows two real uses.
func (smsCmd) Help() string {
	return `Ejemplos:
  valebot sms "Tu código de retiro es 482913"
  echo "Tu clave de retiro es 482913" | valebot sms --json`
}

// Run counts the segments of a text.
func (c *smsCmd) Run(e *env) error {
	text := c.Text
	if text == "" {
		all, err := io.ReadAll(io.LimitReader(e.in, 64<<10))
		if err != nil {
			return fmt.Errorf("read text: %w", err)
		}
		text = strings.TrimSuffix(string(all), "\n")
	}
	count := gsm7.Count(text)
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %d/%d · %d SMS\n", count.Encoding, count.Units, count.PerSegment, count.Segments)
	for _, o := range count.Offending {
		fmt.Fprintf(&b, "  «%c» en la posición %d obliga a UCS-2\n", o.Rune, o.Pos+1)
	}
	if folded := gsm7.Fold(text); len(count.Offending) > 0 {
		better := gsm7.Count(folded)
		fmt.Fprintf(&b, "  sin esos caracteres: %d SMS\n  %s\n", better.Segments, folded)
	}
	return e.print(count, b.String())
}

type quoteCmd struct {
	Amount  string `arg:"" help:"Monto en pesos."`
	Terms   int    `arg:"" help:"Quincenas."`
	Date    string `help:"Fecha en que se autoriza (AAAA-MM-DD); por omisión, hoy."`
	Product string `help:"Archivo de producto; por omisión, el que trae el programa."`
}

// Help shows two real uses.
func (quoteCmd) Help() string {
	return `Ejemplos:
  valebot quote 3000 8
  valebot quote "2,500" 6 --date 2026-03-02 --json`
}

// Run prints a quote with its schedule.
func (c *quoteCmd) Run(e *env) error {
	product, err := c.product()
	if err != nil {
		return err
	}
	amount, err := money.Parse(c.Amount)
	if err != nil {
		return coded{errors.New(fault.TextOf(err)), 2}
	}
	day := quincena.On(time.Now(), quincena.Central())
	if c.Date != "" {
		if day, err = quincena.ParseDate(c.Date); err != nil {
			return coded{fmt.Errorf("la fecha %q no es AAAA-MM-DD", c.Date), 2}
		}
	}
	q, err := loan.NewQuote(product, amount, c.Terms, day, quincena.NewCalendar())
	if err != nil {
		return err
	}
	return e.print(q, quoteTable(q))
}

func (c *quoteCmd) product() (loan.Product, error) {
	if c.Product == "" {
		book, err := app.LoadRulebook(app.FilesFrom(""))
		if err != nil {
			return loan.Product{}, err
		}
		return book.Product, nil
	}
	text, err := os.ReadFile(c.Product)
	if err != nil {
		return loan.Product{}, fmt.Errorf("read product: %w", err)
	}
	return loan.ParseProduct(text)
}

// quoteTable prints a quote with a small picture of the balance.
func quoteTable(q loan.Quote) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s en %d pagos de %s · total %s · CAT %s sin IVA\n%s\n\n", q.Terms.Principal, len(q.Rows), q.Terms.Payment, q.Terms.Total, q.Terms.CAT,
		money.Words(q.Terms.Principal))
	fmt.Fprintf(&b, "%3s  %-10s  %-10s %11s %11s %9s %11s  saldo\n", "n", "vence", "exigible", "capital", "interés", "IVA", "pago")
	balance := q.Terms.Principal
	for _, r := range q.Rows {
		balance -= r.Capital
		bar := strings.Repeat("█", int(20*balance/max(q.Terms.Principal, 1)))
		fmt.Fprintf(&b, "%3d  %-10s  %-10s %11s %11s %9s %11s  %s %s\n", r.N, r.Due, r.Enforceable, r.Capital, r.Interest, r.IVA, r.Total(), bar, balance)
	}
	return b.String()
}
