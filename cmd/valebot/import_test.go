package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/app"
)

const portfolio = `folio_origen,distribuidora,cliente,monto,quincenas,fecha_entrega,saldo,recargos
A-1,6670000001,6671234567,3000,8,2026-01-05,1950,0
A-2,6670000001,6671234567,2000,4,05/02/2026,"1,150.00",
`

func TestImportOfTheTemplates(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), filepath.Join(t.TempDir(), "plantillas")
	valebot("import", "--template", dir).must(t, exitDone)
	if valebot("import", "--template", dir).must(t, exitFailed); t.Failed() {
		t.Error("templates were written over")
	}
	files := []string{filepath.Join(dir, "vales.csv"), filepath.Join(dir, "clientes.csv"), filepath.Join(dir, "distribuidoras.csv")} // in any order
	load := func(args ...string) app.Imported {
		return decoded[app.Imported](t, p.run(append(append([]string{"import", "--json"}, files...), args...)...).must(t, exitDone).out)
	}
	fresh := map[string]map[string]int{"distribuidoras": {"created": 1}, "clientes": {"created": 1}, "vales": {"created": 1}}
	same := map[string]map[string]int{"distribuidoras": {"unchanged": 1}, "clientes": {"unchanged": 1}, "vales": {"unchanged": 1}}
	for i, step := range []struct {
		args []string
		want map[string]map[string]int
		kept bool
	}{{[]string{"--dry-run"}, fresh, false}, {nil, fresh, true}, {nil, same, true}} {
		got := load(step.args...)
		if diff := cmp.Diff(step.want, got.Counts); diff != "" || got.Kept != step.kept {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "1 créditos", "todo cuadra")
	says(t, p.run("ledger", "balance").must(t, exitDone).out, "opening_balance")
	if n := p.count(t, "select count(*) from inbox") + p.count(t, "select count(*) from outbox"); n != 0 {
		t.Errorf("an import said %d things", n)
	}
}

// Every problem is told by row and column, of the file and of the books alike,
// and nothing is kept.
func TestImportTellsEveryProblem(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), t.TempDir()
	typed(people, append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	bad := portfolio + `A-3,667,6671234567,3000,8,2026-01-05,1950,0
A-4,6670000001,6671234567,mil,8,ayer,1950,0
A-5,6670000001,6671234567,3000,8,2026-01-05,9999,0
A-6,6670000001,6679999999,3000,8,2026-01-05,1950,0
,6670000001,6671234567,3000,8,2026-01-05,1950,0
A-7,6670000001,6671234567,=1+1,8,2026-01-05,1950,0
A-1,6670000001,6671234567,2000,8,2026-01-05,1000,0
`
	r := p.run("import", write(t, dir, "vales.csv", bad), "--json").must(t, exitFindings)
	done := decoded[app.Imported](t, r.out)
	var got []string
	for _, x := range done.Problems {
		got = append(got, strings.TrimRight(x.Sheet+" "+string(rune('0'+x.Row%10))+" "+x.Code+" "+x.Column, " "))
	}
	want := []string{
		"vales 9 formula monto", "vales 4 phone_length distribuidora", "vales 5 bad_amount monto", "vales 5 bad_date fecha_entrega",
		"vales 8 missing folio_origen", "vales 9 missing monto",
		"vales 6 import_balance", "vales 7 import_no_person", "vales 0 import_changed",
	}
	if diff := cmp.Diff(want, got); diff != "" || done.Kept {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := p.count(t, "select count(*) from loan"); n != 0 {
		t.Errorf("%d loans were kept", n)
	}
	text := p.run("import", filepath.Join(dir, "vales.csv")).must(t, exitFindings).out
	says(t, text, "vales, fila 5, monto: «mil» no es un monto en pesos (bad_amount)", "9 problemas: no se guardó nada")
	p.run("import", write(t, dir, "vales.csv", portfolio)).must(t, exitDone)
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "2 créditos", "todo cuadra")
}

func TestImportOfWhatIsNone(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), t.TempDir()
	says(t, p.run("import", write(t, dir, "otra.csv", "a,b\n1,2\n")).must(t, exitFindings).out, "no reconozco esta tabla", "unknown_table")
	says(t, p.run("import", write(t, dir, "roto.xlsx", "PK\x03\x04")).must(t, exitFailed).err, "no es un libro de Excel")
	says(t, p.run("import", filepath.Join(dir, "no-hay.csv")).must(t, exitFailed).err, "no encuentro")
	says(t, p.run("import").must(t, exitUsage).err, "falta <archivo>")
	big := filepath.Join(dir, "grande.csv")
	f, err := os.Create(big)
	if err == nil {
		err = f.Truncate(65 << 20)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	says(t, p.run("import", big).must(t, exitFindings).err, "pasa de 64 MB")
}
