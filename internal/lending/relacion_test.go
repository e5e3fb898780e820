package lending_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func programme(t failer) lending.Programme {
	t.Helper()
	text, err := os.ReadFile("../../flows/distribuidoras.yaml")
	if err != nil {
		t.Fatalf("read programme: %v", err)
	}
	p, problems := lending.LintProgramme("distribuidoras.yaml", text)
	if len(problems) > 0 {
		t.Fatalf("lint programme: %v", problems)
	}
	return p
}

// newGuild is a town whose distributors earn by the shipped programme; María is
// of category oro.
func newGuild(t failer) *town {
	t.Helper()
	w := newTown(t)
	w.catalog = lending.Actions(lending.Settings{Product: product(t), Programme: programme(t)})
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Category = "oro" })
	change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Limit = money.Pesos(15000) })
	return w
}

// cut runs a whole corte on a day as the driver does, and returns its relación,
// if there is one.
func (w *town) cut(on quincena.Date) (lending.Relacion, bool) {
	w.t.Helper()
	w.goTo(on)
	id := w.must(w.run("corte.open", map[string]any{"sucursal": lending.MainBranch})).Value["id"].(string)
	w.must(w.run("corte.start", map[string]any{"corte": id}))
	r := w.must(w.run("relacion.generate", map[string]any{"corte": id, "distribuidora": w.maria.ID.String()}))
	w.must(w.run("corte.finish", map[string]any{"corte": id}))
	if r.Outcome == "nothing" {
		return lending.Relacion{}, false
	}
	return at[lending.Relacion](w, lending.KindRelacion, uuid.MustParse(r.Value["id"].(string))), true
}

func (w *town) mustCut(on string) lending.Relacion {
	w.t.Helper()
	r, ok := w.cut(date(on))
	if !ok {
		w.t.Fatalf("no relación on %s", on)
	}
	return r
}

func (w *town) relacion(r lending.Relacion) lending.Relacion {
	return at[lending.Relacion](w, lending.KindRelacion, r.ID)
}

func (w *town) rowsOf(r lending.Relacion) []lending.Row {
	return at[lending.RelacionRows](w, lending.KindRelacionRows, r.ID).Rows
}

func (w *town) deposit(r lending.Relacion, key string, amount money.Amount) (lending.Result, error) {
	return w.run("relacion.pay", map[string]any{
		"source": "stp", "reference": key, "account": r.Reference, "amount": amount, "value_date": w.today(),
	})
}

// expire looks at a relación as the day close does.
func (w *town) expire(r lending.Relacion) string {
	return w.must(w.run("relacion.expire", map[string]any{"relacion": r.ID.String()})).Outcome
}

func TestAFirstRelacion(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	l := w.active() // $3,000 in 8 of $487.50, first on 15 March
	r := w.mustCut("2026-03-10")
	want := []lending.Row{{
		Loan: l.ID, Folio: "V-00001", Product: "vale", Client: "Ana Ruiz", N: 1, Of: 8, Due: date("2026-03-15"),
		Kind: lending.RowPayment, Payment: level, Commission: 37_50, Total: level,
	}}
	if diff := cmp.Diff(want, w.rowsOf(r)); diff != "" {
		t.Errorf("rows:\n%s", diff)
	}
	// 15 March 2026 is a Sunday and the 16th a holiday.
	if r.Due != date("2026-03-15") || r.Enforceable != date("2026-03-17") || r.EarlyBy != date("2026-03-14") {
		t.Errorf("dates %s, %s, early by %s", r.Due, r.Enforceable, r.EarlyBy)
	}
	if r.Total != level || r.Commission != 37_50 || r.State != loan.RelacionGenerated || r.Streak != 0 || !r.Intact(w.rowsOf(r)) {
		t.Errorf("relación %+v", r)
	}
	if r.Reference[0] != '8' || !mexid.Luhn(r.Reference) {
		t.Errorf("reference %s", r.Reference)
	}
	told := w.emits[len(w.emits)-1]
	if want := (lending.Emit{
		Key: "relacion.issued:" + r.ID.String(), PersonID: w.maria.PersonID, Name: lending.EventRelacionIssued,
		About: lending.About{Kind: lending.AboutDistributor, ID: w.maria.ID.String()},
		Data:  map[string]any{"folio": r.Folio, "total": r.Total, "vence": r.Due, "referencia": r.Reference},
	}); cmp.Diff(want, told) != "" {
		t.Errorf("told (-want +got):\n%s", cmp.Diff(want, told))
	}
	before := w.snapshot()
	again := w.must(w.run("relacion.generate", map[string]any{"corte": r.CorteID.String(), "distribuidora": w.maria.ID.String()}))
	if again.Outcome != "unchanged" || again.Value["folio"] != r.Folio {
		t.Errorf("again: %+v", again)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("making it again changed something:\n%s", diff)
	}
}

// A deposit under the relación's reference pays the loans, earns the commission
// and the points, and what is too much is hers.
func TestADepositOnARelacion(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	l := w.active()
	r := w.mustCut("2026-03-10")
	got := w.must(w.deposit(r, "D1", 200_00))
	if got.Value["falta"] != level-200_00 || w.relacion(r).State != loan.RelacionPartial {
		t.Errorf("after a part: %+v, %s", got, w.relacion(r).State)
	}
	w.goTo(date("2026-03-13"))
	got = w.must(w.deposit(r, "D2", 300_00))
	if got.Value["falta"] != money.Amount(0) || got.Value["a_favor"] != money.Amount(12_50) || w.relacion(r).State != loan.RelacionPaid {
		t.Errorf("after the rest: %+v, %s", got, w.relacion(r).State)
	}
	if p := w.loan(l).Position; p.NextN != 2 || p.Overdue != 0 {
		t.Errorf("loan %+v", p)
	}
	d := w.line()
	balances := ledger.Balances(w.entries)
	due := balances[ledger.Account{Code: ledger.DistributorCommissionDue, Owner: d.ID.String()}]
	if d.Commission != 37_50 || due != -37_50 || d.Points != 0 { // $487.50 is less than the $1,200 of a point
		t.Errorf("commission %s, in the books %s, points %d", d.Commission, due, d.Points)
	}
	if credit := balances[ledger.Account{Code: ledger.SaldoAFavor, Owner: d.PersonID.String()}]; credit != -12_50 {
		t.Errorf("saldo a favor %s", credit)
	}
	before := w.snapshot()
	if again := w.must(w.deposit(r, "D2", 300_00)); again.Outcome != "repeated" {
		t.Errorf("again: %+v", again)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("the same deposit changed something:\n%s", diff)
	}
	if _, err := w.deposit(r, "D2", 300_01); fault.CodeOf(err) != "payment_key_reused" {
		t.Errorf("another amount: %v", err)
	}
	checkRelaciones(t, w)
}

// What is undone takes its commission along, and the next relación lists it as
// a correction that names the one that had it as paid.
func TestAReversedDepositIsCorrectedInTheNext(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	first := w.mustCut("2026-03-10")
	w.must(w.deposit(first, "D1", level))
	w.goTo(date("2026-03-20"))
	if got := w.relacion(first); got.State != loan.RelacionPaid || w.line().Commission != 37_50 {
		t.Fatalf("paid: %s, %s", got.State, w.line().Commission)
	}
	second := w.mustCut("2026-03-27")
	sealedRows := w.rowsOf(first)
	undo := map[string]any{"source": "stp", "reference": "D1", "reason": "rebotó"}
	w.must(w.run("relacion.reverse", undo))
	if r := w.must(w.run("relacion.reverse", undo)); r.Outcome != "repeated" {
		t.Errorf("again: %+v", r)
	}
	if w.line().Commission != 0 {
		t.Errorf("commission after the reversal %s", w.line().Commission)
	}
	if got := w.relacion(first); got.State != loan.RelacionPaid || !got.Intact(sealedRows) {
		t.Errorf("the first, long replaced, is %+v", got)
	}
	w.must(w.deposit(second, "D2", level)) // goes to what it lists; the undone one is older and takes it
	third := w.mustCut("2026-04-10")
	var kinds []string
	for _, row := range w.rowsOf(third) {
		kinds = append(kinds, fmt.Sprintf("%d %s %s", row.N, row.Kind, row.Origin))
	}
	want := []string{"1 CORRECTION " + first.Folio, "2 CARRIED " + second.Folio, "3 PAYMENT "}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("rows of the third:\n%s", diff)
	}
	checkRelaciones(t, w)
}

func TestACorrectionNamesItsOrigin(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	first := w.mustCut("2026-03-10")
	w.must(w.deposit(first, "D1", level))
	w.mustCut("2026-03-27")
	w.must(w.run("relacion.reverse", map[string]any{"source": "stp", "reference": "D1", "reason": "rebotó"}))
	row := w.rowsOf(w.mustCut("2026-04-10"))[0]
	if row.N != 1 || row.Kind != lending.RowCorrection || row.Origin != first.Folio || row.Surcharge != 60_00 || row.Total != level+60_00 {
		t.Errorf("row %+v", row)
	}
}

// Three relaciones late in a row block her; paying the last, which carries all,
// frees her by itself. A block by a person stays.
func TestLateRelacionesBlockAndPayingFrees(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Points = 100 })
	var last lending.Relacion
	for i, days := range [][2]string{{"2026-03-10", "2026-03-18"}, {"2026-03-26", "2026-04-02"}, {"2026-04-10", "2026-04-16"}} {
		last = w.mustCut(days[0])
		if out := w.expire(last); out != "unchanged" {
			t.Errorf("expired before its date: %s", out)
		}
		w.goTo(date(days[1]))
		if out := w.expire(last); out != "ok" || w.relacion(last).State != loan.RelacionOverdue || w.relacion(last).Streak != i {
			t.Errorf("relación %d: %s, %+v", i, out, w.relacion(last))
		}
		if out := w.expire(last); out != "unchanged" {
			t.Errorf("expired twice: %s", out)
		}
	}
	if d := w.line(); d.State != loan.DistributorBlocked || !d.Arrears || d.Points != 51 { // 100 → 80 → 64 → 51: a fifth each time, rounded
		t.Errorf("after three: %s, arrears %v, %d points", d.State, d.Arrears, d.Points)
	}
	if r, _ := w.offerWith(1000, 4, pin); r.Outcome != "error" {
		t.Errorf("a blocked distributor authorises: %+v", r)
	}
	w.must(w.deposit(last, "ALL", last.Total+120_00)) // with the late fees since
	if d := w.line(); w.relacion(last).State != loan.RelacionPaid || d.State != loan.DistributorActive || d.Arrears {
		t.Errorf("after paying %s: %s", w.relacion(last).State, d.State)
	}
	checkRelaciones(t, w)
}

func TestAPersonsBlockStays(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	r := w.mustCut("2026-03-10")
	w.must(w.onMaria("distributor.block", nil))
	w.must(w.deposit(r, "D1", level))
	if d := w.line(); d.State != loan.DistributorBlocked {
		t.Errorf("freed by a payment: %s", d.State)
	}
}

// Old references go on working: the money lands in the relación that carries
// the rest.
func TestAnOldReferencePaysTheLatest(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	first := w.mustCut("2026-03-10")
	second := w.mustCut("2026-03-26")
	if w.relacion(first).State != loan.RelacionCarried || second.Previous != first.ID {
		t.Fatalf("first %s, second after %s", w.relacion(first).State, second.Previous)
	}
	got := w.must(w.deposit(first, "D1", second.Total))
	if got.Value["folio"] != second.Folio || w.relacion(second).State != loan.RelacionPaid {
		t.Errorf("%+v, second %s", got, w.relacion(second).State)
	}
}

// A beneficiary who pays by herself covers the relación of her distributor.
func TestABeneficiarysPaymentCoversTheRelacion(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	l := w.active()
	r := w.mustCut("2026-03-10")
	w.must(w.pay(l, "P1", level, w.today()))
	if w.relacion(r).State != loan.RelacionPaid {
		t.Errorf("relación %+v", w.relacion(r))
	}
	got := w.must(w.deposit(r, "D1", 100_00))
	if got.Value["a_favor"] != money.Amount(100_00) {
		t.Errorf("all of a deposit too many is hers: %+v", got)
	}
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "P1", "reason": ""}))
	if got := w.relacion(r); got.State != loan.RelacionGenerated || got.Covered != 0 {
		t.Errorf("after the reversal %+v", got)
	}
}

func TestCommissionPaysARelacion(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	first := w.mustCut("2026-03-10")
	w.must(w.deposit(first, "D1", level))
	second := w.mustCut("2026-03-27")
	use := func(key string, amount money.Amount) (lending.Result, error) {
		return w.run("relacion.pay", map[string]any{
			"source": lending.SourceCommission, "reference": key, "account": second.Reference, "amount": amount, "value_date": w.today(),
		})
	}
	if _, err := use("C1", 37_51); fault.CodeOf(err) != "commission_short" {
		t.Errorf("more than there is: %v", err)
	}
	if got := w.must(use("C1", 37_50)); got.Value["falta"] != level-37_50 || w.line().Commission != 0 {
		t.Errorf("used: %+v, left %s", got, w.line().Commission)
	}
	checkRelaciones(t, w)
	w.must(w.run("relacion.reverse", map[string]any{"source": lending.SourceCommission, "reference": "C1", "reason": ""}))
	if w.line().Commission != 37_50 || w.relacion(second).Covered != 0 {
		t.Errorf("undone: %s, covered %s", w.line().Commission, w.relacion(second).Covered)
	}
	checkRelaciones(t, w)
}

func TestCortesFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.goTo(date("2026-02-20"))
	open := func() string {
		return w.must(w.run("corte.open", map[string]any{"sucursal": "norte"})).Value["id"].(string)
	}
	first := open()
	if again := w.must(w.run("corte.open", map[string]any{"sucursal": "norte"})); again.Outcome != "unchanged" || again.Value["id"] != first {
		t.Errorf("opened twice: %+v", again)
	}
	var periods []string
	for range 4 {
		id := open()
		c := at[lending.Corte](w, lending.KindCorte, uuid.MustParse(id))
		periods = append(periods, fmt.Sprintf("%d %s..%s cut %s", c.Seq, c.From, c.To, c.CutOn))
		if c.CutOn.After(w.today()) {
			if _, err := w.run("corte.start", map[string]any{"corte": id}); fault.CodeOf(err) != "corte_too_early" {
				t.Errorf("started early: %v", err)
			}
			w.goTo(c.CutOn)
		}
		w.must(w.run("corte.start", map[string]any{"corte": id}))
		w.must(w.run("corte.finish", map[string]any{"corte": id}))
	}
	want := []string{
		"1 2026-02-16..2026-02-28 cut 2026-02-23", "2 2026-03-01..2026-03-15 cut 2026-03-10",
		"3 2026-03-16..2026-03-31 cut 2026-03-26", "4 2026-04-01..2026-04-15 cut 2026-04-10",
	}
	if diff := cmp.Diff(want, periods); diff != "" {
		t.Errorf("periods:\n%s", diff)
	}
}

func TestRelacionRefusals(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	r := w.mustCut("2026-03-10")
	other := w.must(w.run("corte.open", map[string]any{"sucursal": "norte"})).Value["id"].(string)
	w.must(w.run("corte.start", map[string]any{"corte": other}))
	pay := func(account string, amount money.Amount, on quincena.Date) map[string]any {
		return map[string]any{"source": "stp", "reference": "X", "account": account, "amount": amount, "value_date": on}
	}
	for _, tt := range []struct {
		name, action string
		with         map[string]any
		want         string
	}{
		{"nobody's reference", "relacion.pay", pay("800000000", 100, w.today()), "no_such_relacion"},
		{"a typing error", "relacion.pay", pay(r.Reference[:8]+"x", 100, w.today()), "no_such_relacion"},
		{"nothing", "relacion.pay", pay(r.Reference, 0, w.today()), "payment_not_positive"},
		{"tomorrow", "relacion.pay", pay(r.Reference, 100, w.today().AddDays(1)), "payment_in_future"},
		{"undo of nothing", "relacion.reverse", map[string]any{"source": "stp", "reference": "X", "reason": ""}, "no_such_payment"},
		{"another branch", "relacion.generate", map[string]any{"corte": other, "distribuidora": w.maria.ID.String()}, "other_branch"},
		{"no branch", "corte.open", map[string]any{"sucursal": ""}, "no_branch"},
		{"no such corte", "corte.start", map[string]any{"corte": uuid.NewString()}, "no_such_corte"},
		{"finished before it began", "corte.finish", map[string]any{"corte": w.must(w.run("corte.open", map[string]any{"sucursal": "sur"})).Value["id"]}, "bad_transition"},
	} {
		before := w.snapshot()
		if _, err := w.run(tt.action, tt.with); fault.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.name, diff)
		}
	}
}

// «Mi corte» tells what to deposit while a relación is not paid, and the fact by
// which flows choose the message follows it.
func TestMyCorteTellsTheReference(t *testing.T) {
	t.Parallel()
	w := newGuild(t)
	w.active()
	ask := func() (map[string]any, any) {
		v := w.must(w.run("distributor.fortnight", nil, w.byMaria)).Value
		return v, w.mustFacts(lending.About{}, w.maria.PersonID)["cliente"]["debe_relacion"]
	}
	if v, owes := ask(); v["referencia"] != "" || owes != false {
		t.Errorf("before the corte %+v, %v", v, owes)
	}
	r := w.mustCut("2026-03-10")
	if v, owes := ask(); v["referencia"] != r.Reference || v["falta"] != level || v["vence"] != r.Enforceable || owes != true {
		t.Errorf("after the corte %+v, %v", v, owes)
	}
	w.must(w.deposit(r, "D1", level))
	if v, owes := ask(); v["referencia"] != "" || v["falta"] != money.Amount(0) || owes != false {
		t.Errorf("paid %+v, %v", v, owes)
	}
	if owes := w.mustFacts(lending.About{}, w.ana.ID)["cliente"]["debe_relacion"]; owes != false {
		t.Errorf("a beneficiary owes a relación: %v", owes)
	}
}
