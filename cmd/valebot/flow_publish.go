package main

import (
	"fmt"
	"log/slog"
	"strings"

	"valebot/internal/app"
	"valebot/internal/postgres"
)

// byFlags say in whose name flows change, and what becomes of people in the middle.
type byFlags struct {
	As     string `env:"USER" default:"" help:"Tu usuario de la mesa; queda en la historia. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	Note   string `help:"Por qué; queda en la historia."`
	People string `enum:"leave,migrate,handover" default:"leave" help:"Quienes están en medio: leave terminan en su versión, migrate pasan a la nueva, handover van a una persona si su paso ya no existe."`
	signature
	dataFlags
}

func (b byFlags) publication() (app.Publication, error) {
	if b.As == "" {
		return app.Publication{}, misuse("di quién lo hace: --as nombre")
	}
	return app.Publication{Author: b.As, Note: b.Note, People: postgres.People(b.People)}, nil
}

// signed opens the configured database for changing flows in somebody's name.
func (d dataFlags) signed(e *env, by app.Signature, do func(p *app.Publisher) error) error {
	cfg, err := d.config()
	if err != nil {
		return err
	}
	return app.WithSigned(e.ctx, cfg, by, slog.New(slog.DiscardHandler), do)
}

// publisher opens the configured database for reading about flows.
func (d dataFlags) publisher(e *env, do func(p *app.Publisher) error) error {
	cfg, err := d.config()
	if err != nil {
		return err
	}
	return app.WithPublisher(e.ctx, cfg, slog.New(slog.DiscardHandler), do)
}

type flowPublishCmd struct {
	FourEyes bool `env:"VALEBOT_FOUR_EYES" help:"Espera a que otra persona la apruebe con flow approve."`
	byFlags
	flowsFlag
}

// Help shows two real uses.
func (flowPublishCmd) Help() string {
	return `Ejemplos:
  valebot flow publish --note "aviso más corto"
  valebot flow publish --as rosa --people migrate --four-eyes

Publica toda la carpeta, o nada si algo está mal. Nadie se reinicia: las
pláticas nuevas usan lo nuevo y las que están en medio terminan en su versión.
Un flujo que cambió y conserva su version: se rechaza; súbela.`
}

// Run publishes the files. JSON: published.
func (c *flowPublishCmd) Run(e *env) error {
	how, err := c.publication()
	if err != nil {
		return err
	}
	how.FourEyes = c.FourEyes
	files, err := c.files()
	if err != nil {
		return err
	}
	return c.signed(e, c.by(c.As), func(p *app.Publisher) error {
		return e.changed(p.Publish(e.ctx, files, how))
	})
}

type flowApproveCmd struct {
	As string `env:"USER" default:"" help:"Tu usuario de la mesa; no puede ser quien la propuso. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	signature
	dataFlags
}

// Help shows two real uses.
func (flowApproveCmd) Help() string {
	return `Ejemplos:
  valebot flow approve --as luis
  valebot flow versions   # dice qué espera aprobación`
}

// Run puts the publication that waits in force. JSON: published.
func (c *flowApproveCmd) Run(e *env) error {
	if c.As == "" {
		return misuse("di quién aprueba: --as nombre")
	}
	return c.signed(e, c.by(c.As), func(p *app.Publisher) error { return e.changed(p.Approve(e.ctx, c.As)) })
}

type flowRollbackCmd struct {
	Flow string `arg:"" name:"flujo" help:"Nombre del flujo."`
	byFlags
}

// Help shows two real uses.
func (flowRollbackCmd) Help() string {
	return `Ejemplos:
  valebot flow rollback aceptacion_vale --note "la pregunta nueva no se entiende"
  valebot flow rollback recordatorio_pago --people migrate

Vuelve a poner la versión anterior de ese flujo, sin esperar aprobación: ya corrió.`
}

// Run goes back to the version before. JSON: published.
func (c *flowRollbackCmd) Run(e *env) error {
	how, err := c.publication()
	if err != nil {
		return err
	}
	return c.signed(e, c.by(c.As), func(p *app.Publisher) error { return e.changed(p.Rollback(e.ctx, c.Flow, how)) })
}

type flowArchiveCmd struct {
	Flow string `arg:"" name:"flujo" help:"Nombre del flujo."`
	signedFlags
}

// Help shows two real uses.
func (flowArchiveCmd) Help() string {
	return `Ejemplos:
  valebot flow archive renovacion --as rosa --note "se acabó la campaña"
  valebot flow versions renovacion   # terminando (12), y después archivado

Ya nadie lo empieza: ni quien lo pide, ni un aviso, ni la mesa. Quien está en medio
termina. Publicar la carpeta no lo revive: se revive con flow unarchive. No se
archiva un flujo que otro llama (call); el aviso dice cuál.`
}

// Run archives a flow. JSON: published.
func (c *flowArchiveCmd) Run(e *env) error {
	return c.change(e, func(p *app.Publisher, how app.Publication) (app.Result, error) { return p.Archive(e.ctx, c.Flow, how) })
}

type flowUnarchiveCmd struct {
	Flow string `arg:"" name:"flujo" help:"Nombre del flujo."`
	signedFlags
}

// Help shows two real uses.
func (flowUnarchiveCmd) Help() string {
	return `Ejemplos:
  valebot flow unarchive renovacion --as rosa --note "vuelve la campaña"
  valebot flow versions renovacion   # vigente`
}

// Run lets people begin a flow again. JSON: published.
func (c *flowUnarchiveCmd) Run(e *env) error {
	return c.change(e, func(p *app.Publisher, how app.Publication) (app.Result, error) {
		return p.Unarchive(e.ctx, c.Flow, how)
	})
}

// signedFlags say in whose name something changes, and why.
type signedFlags struct {
	As       string `env:"USER" default:"" help:"Tu usuario de la mesa; queda en la historia y en la bitácora. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	Note     string `help:"Por qué; queda en la historia."`
	FourEyes bool   `env:"VALEBOT_FOUR_EYES" help:"Espera a que otra persona lo apruebe con flow approve."`
	signature
	dataFlags
}

func (c signedFlags) change(e *env, do func(*app.Publisher, app.Publication) (app.Result, error)) error {
	if c.As == "" {
		return misuse("di quién lo hace: --as nombre")
	}
	return c.signed(e, c.by(c.As), func(p *app.Publisher) error {
		return e.changed(do(p, app.Publication{Author: c.As, Note: c.Note, FourEyes: c.FourEyes}))
	})
}

// published is what a change of the flows led to, for programs.
type published struct {
	State      string   `json:"state"` // in_force, waiting or unchanged
	Change     int64    `json:"change"`
	Flows      []string `json:"flows"` // name@version
	Moved      int      `json:"moved"`
	HandedOver int      `json:"handed_over"`
}

func (e *env) changed(r app.Result, err error) error {
	if err != nil {
		return err
	}
	out := published{State: "in_force", Change: r.Change.ID, Flows: []string{}, Moved: r.Moved, HandedOver: r.HandedOver}
	switch {
	case r.Unchanged:
		out.State = "unchanged"
	case r.Change.Seq == 0:
		out.State = "waiting"
	}
	for _, v := range r.Change.Flows {
		out.Flows = append(out.Flows, fmt.Sprintf("%s@%d", v.Flow, v.Version))
	}
	return e.print(out, out.text())
}

func (p published) text() string {
	switch p.State {
	case "unchanged":
		return "nada cambia: es lo que ya está publicado\n"
	case "waiting":
		return fmt.Sprintf("propuesta %d; falta que otra persona la apruebe: valebot flow approve --as nombre\n", p.Change)
	}
	text := fmt.Sprintf("publicado (cambio %d): %s\n", p.Change, strings.Join(p.Flows, ", "))
	if p.Moved > 0 {
		text += fmt.Sprintf("%d pláticas pasan a la versión nueva\n", p.Moved)
	}
	if p.HandedOver > 0 {
		text += fmt.Sprintf("%d pláticas pasan a una persona (fila «cambios»)\n", p.HandedOver)
	}
	return text
}

type flowVersionsCmd struct {
	Flow string `arg:"" optional:"" name:"flujo" help:"Nombre del flujo; sin él, todos."`
	dataFlags
}

// Help shows two real uses.
func (flowVersionsCmd) Help() string {
	return `Ejemplos:
  valebot flow versions
  valebot flow versions aceptacion_vale --json`
}

// Run lists versions. JSON: a list of app.VersionLine.
func (c *flowVersionsCmd) Run(e *env) error {
	return c.publisher(e, func(p *app.Publisher) error {
		lines, err := p.Versions(e.ctx, c.Flow)
		if err != nil {
			return err
		}
		var b strings.Builder
		for _, v := range lines {
			text := fmt.Sprintf("%-20s v%-4d %-16s %s  %s  %.12s", v.Flow, v.Version, versionState(v), v.At, v.Author, v.SHA256)
			if v.By != "" {
				text += "  aprobó " + v.By
			}
			b.WriteString(strings.TrimRight(text+"  "+v.Note, " ") + "\n")
		}
		if len(lines) == 0 {
			b.WriteString("no hay versiones publicadas\n")
		}
		return e.print(orEmpty(lines), b.String())
	})
}

func versionState(v app.VersionLine) string {
	switch v.State {
	case "current":
		return "vigente"
	case "ending":
		return fmt.Sprintf("terminando (%d)", v.People)
	case "waiting":
		return "por aprobar"
	case "archived":
		return "archivado"
	}
	return "anterior"
}

type flowDiffCmd struct {
	Flow string `arg:"" optional:"" name:"flujo" help:"Nombre del flujo; sin él, los que cambian."`
	dataFlags
	flowsFlag
}

// Help shows two real uses.
func (flowDiffCmd) Help() string {
	return `Ejemplos:
  valebot flow diff
  valebot flow diff aceptacion_vale

Compara la carpeta con lo publicado: pasos, mensajes, condiciones del producto, y
cuántas personas esperan en cada paso que se quita.`
}

// Run compares. JSON: a list of app.FlowDiff.
func (c *flowDiffCmd) Run(e *env) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	return c.publisher(e, func(p *app.Publisher) error {
		diffs, err := p.Diff(e.ctx, c.Flow, files)
		if err != nil {
			return err
		}
		shown := diffs[:0]
		var b strings.Builder
		for _, d := range diffs {
			if c.Flow == d.Flow && d.From+d.To == 0 {
				return misuse("no hay flujo %q, ni publicado ni en la carpeta", c.Flow)
			}
			if c.Flow != "" || !d.Same() {
				shown = append(shown, d)
				b.WriteString(diffText(d))
			}
		}
		if len(shown) == 0 {
			b.WriteString("nada cambia\n")
		}
		return e.print(orEmpty(shown), b.String())
	})
}

func diffText(d app.FlowDiff) string {
	var b strings.Builder
	b.WriteString(diffHead(d) + "\n")
	for _, list := range []struct {
		sign  string
		steps []string
	}{{"- paso ", d.Removed}, {"+ paso ", d.Added}, {"~ paso ", d.Changed}} {
		for _, step := range list.steps {
			b.WriteString("  " + list.sign + step + "\n")
		}
	}
	for _, m := range d.Messages {
		fmt.Fprintf(&b, "  ~ mensaje %s\n", m.Key)
		for _, side := range []struct{ sign, text string }{{"-", m.Before}, {"+", m.After}} {
			if side.text != "" {
				fmt.Fprintf(&b, "      %s %s\n", side.sign, side.text)
			}
		}
	}
	for _, line := range d.Terms {
		b.WriteString("  condiciones " + line + "\n")
	}
	for _, name := range d.Others {
		b.WriteString("  ~ archivo " + name + "\n")
	}
	for _, w := range d.Waiting {
		b.WriteString(waitingText(d, w))
	}
	return b.String()
}

func diffHead(d app.FlowDiff) string {
	switch {
	case d.From == 0:
		return fmt.Sprintf("%s: nuevo (v%d)", d.Flow, d.To)
	case d.To == 0:
		return fmt.Sprintf("%s v%d: se retira; ya no está en la carpeta", d.Flow, d.From)
	case d.Same():
		return fmt.Sprintf("%s v%d: igual", d.Flow, d.To)
	}
	return fmt.Sprintf("%s v%d → v%d", d.Flow, d.From, d.To)
}

func waitingText(d app.FlowDiff, w app.WaitingPeople) string {
	people := fmt.Sprintf("%d personas esperan", w.People)
	if w.People == 1 {
		people = "1 persona espera"
	}
	text := fmt.Sprintf("  %s en «%s» (v%d)", people, w.Step, w.Version)
	if w.Removed && d.To != 0 {
		text += fmt.Sprintf(", que v%d quita", d.To)
	}
	if w.Goes != "" {
		text += fmt.Sprintf("; migrate: la lleva a «%s»", w.Goes)
	}
	return text + "\n"
}

// tellDrafts prints what becomes of saved files, to a person.
func (e *env) tellDrafts() func(text string) {
	if e.json {
		return nil
	}
	return func(text string) { fmt.Fprintln(e.out, text) }
}
