package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/ledger"
	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

type ledgerBalanceCmd struct {
	At      string `name:"at" help:"Al cierre de este día: 2026-03-31; vacío, hasta ahora."`
	Account string `name:"cuenta" help:"Una cuenta del catálogo, por dueño: loan_capital, saldo_a_favor, unmatched_in…"`
	Owner   string `name:"de" help:"Con --cuenta: un folio, o el identificador de una persona o distribuidora."`
	dataFlags
}

// Help shows two real uses.
func (ledgerBalanceCmd) Help() string {
	return `Ejemplos:
  valebot ledger balance --at 2026-03-31
  valebot ledger balance --cuenta loan_capital --de V-00017 --at 2026-03-31 --json`
}

// trialLine is an account for programs. Amounts are centavos; balance is debits
// less credits.
type trialLine struct {
	Account string       `json:"account"`
	Owners  int          `json:"owners"`
	Debits  money.Amount `json:"debits"`
	Credits money.Amount `json:"credits"`
	Balance money.Amount `json:"balance"`
}

// ownerBalance is one owner's account for programs.
type ownerBalance struct {
	Owner   string       `json:"owner"`
	Name    string       `json:"name"`
	Balance money.Amount `json:"balance"`
}

// Run prints the trial balance, or the balances of one account. Debits that
// differ from credits end with exit code 3. JSON: a list of trialLine, or of
// ownerBalance.
func (c *ledgerBalanceCmd) Run(e *env) error {
	before, err := c.before()
	if err != nil {
		return err
	}
	code := ledger.Code(c.Account)
	if c.Account != "" && code.Side() == ledger.Unknown {
		return misuse("%s", unknown("no hay cuenta", c.Account, chartNames()))
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		if c.Account == "" {
			return c.trial(e, s, before)
		}
		all, err := s.Balances(e.ctx, code, c.Owner, before)
		if err != nil {
			return err
		}
		list, text := []ownerBalance{}, strings.Builder{}
		for _, b := range all {
			list = append(list, ownerBalance(b))
			fmt.Fprintf(&text, "%-36s %16s\n", b.Name, b.Balance)
		}
		return e.print(list, text.String())
	})
}

// before is the moment up to which entries count.
func (c *ledgerBalanceCmd) before() (time.Time, error) {
	on, err := day(c.At)
	if err != nil || on.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), err
	}
	return on.AddDays(1).At(0, 0, quincena.Central()), nil
}

func chartNames() []string {
	var names []string
	for _, code := range ledger.Chart() {
		names = append(names, string(code))
	}
	slices.Sort(names)
	return names
}

func (c *ledgerBalanceCmd) trial(e *env, s *postgres.Store, before time.Time) error {
	all, err := s.TrialBalance(e.ctx, before)
	if err != nil {
		return err
	}
	list, text := []trialLine{}, strings.Builder{}
	var debits, credits money.Amount
	fmt.Fprintf(&text, "%-26s %18s %18s %18s\n", "cuenta", "cargos", "abonos", "saldo")
	for _, l := range all {
		balance := l.Debits - l.Credits
		debits, credits = debits+l.Debits, credits+l.Credits
		list = append(list, trialLine{string(l.Account), l.Owners, l.Debits, l.Credits, balance})
		fmt.Fprintf(&text, "%-26s %18s %18s %18s\n", l.Account, l.Debits, l.Credits, balance)
	}
	fmt.Fprintf(&text, "%-26s %18s %18s %18s\n", "total", debits, credits, debits-credits)
	if err := e.print(list, text.String()); err != nil || debits == credits {
		return err
	}
	return findings()
}
