package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/sandbox"
)

// Town is a seed file, read and checked: who may authorise, who may receive,
// and who works at the desk.
type Town struct {
	Distributors []Distributor `yaml:"distributors"`
	People       []Person      `yaml:"people"`
	Agents       []Agent       `yaml:"agents"`
}

// Distributor is one line of a seed file.
type Distributor struct {
	Phone string `yaml:"phone"`
	Name  string `yaml:"name"`
	Birth string `yaml:"birth"` // 2006-01-02; may be left out
	Line  string `yaml:"line"`  // pesos
	Terms []int  `yaml:"terms"` // quincenas
	PIN   string `yaml:"pin"`   // 4 to 6 digits
}

// Person is one line of a seed file.
type Person struct {
	Phone string `yaml:"phone"`
	Name  string `yaml:"name"`
	Birth string `yaml:"birth"` // 2006-01-02
	Limit string `yaml:"limit"` // pesos

	Language string `yaml:"language"` // es or en; left out it stays as it is
}

// Agent is somebody who works at the desk.
type Agent struct {
	Login    string        `yaml:"login"`
	Name     string        `yaml:"name"`
	Password string        `yaml:"password"`
	Role     casework.Role `yaml:"role"`   // agent (if left out), supervisor or auditor
	Queues   []string      `yaml:"queues"` // that an agent works; none named means all
}

// seedRow is one act of seeding, with its place in the file.
type seedRow struct {
	place  string
	action string
	with   map[string]any
}

// ParseTown reads a seed file and reports every problem with its place.
func ParseTown(name string, text []byte) (*Town, error) {
	var town Town
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&town); err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.Newf(fault.Invalid, "seed_file", "%s no se entiende: %v", name, err)
	}
	if _, problems := town.rows(name); len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "seed_file", errors.Join(problems...).Error())
	}
	return &town, nil
}

// rows turns the town into acts and lists what is wrong with it.
func (t *Town) rows(file string) (rows []seedRow, problems []error) {
	for i, d := range t.Distributors {
		c := cells{place: fmt.Sprintf("%s: distributors[%d]", file, i)}
		with := map[string]any{
			"telefono": c.phone(d.Phone), "nombre": c.name(d.Name), "nacimiento": c.date("birth", d.Birth, true),
			"linea": c.amount("line", d.Line), "plazos": d.Terms, "nip": c.pin(d.PIN),
		}
		rows, problems = append(rows, seedRow{c.place, "distributor.upsert", with}), append(problems, c.problems...)
	}
	for i, p := range t.People {
		c := cells{place: fmt.Sprintf("%s: people[%d]", file, i)}
		with := map[string]any{
			"telefono": c.phone(p.Phone), "nombre": c.name(p.Name), "nacimiento": c.date("birth", p.Birth, false), "tope": c.amount("limit", p.Limit),
		}
		rows, problems = append(rows, seedRow{c.place, "person.upsert", with}), append(problems, c.problems...)
		if p.Language != "" {
			if p.Language != "es" && p.Language != "en" {
				problems = append(problems, fmt.Errorf("%s: language: %q no existe; escribe es o en", c.place, p.Language))
			}
			rows = append(rows, seedRow{c.place + ".language", "person.language", map[string]any{"telefono": with["telefono"], "idioma": p.Language}})
		}
	}
	for i, a := range t.Agents {
		c := cells{place: fmt.Sprintf("%s: agents[%d]", file, i)}
		c.name(a.Name)
		if a.Login == "" || a.Password == "" {
			c.wrong("login y password no pueden faltar")
		}
		if a.Role != "" && !a.Role.Valid() {
			c.wrong("role: %q no existe; escribe agent, supervisor o auditor", a.Role)
		}
		problems = append(problems, c.problems...)
	}
	return rows, problems
}

// cells reads the values of one row and keeps what is wrong with them.
type cells struct {
	place    string
	problems []error
}

func (c *cells) wrong(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf(c.place+": "+format, args...))
}

func (c *cells) phone(text string) string {
	p, err := mexid.ParsePhone(text)
	if err != nil {
		c.wrong("phone: %s", fault.TextOf(err))
	}
	return string(p)
}

func (c *cells) name(text string) string {
	if strings.TrimSpace(text) == "" {
		c.wrong("name: falta")
	}
	return text
}

func (c *cells) date(key, text string, optional bool) quincena.Date {
	if text == "" && optional {
		return quincena.Date{}
	}
	d, err := quincena.ParseDate(text)
	if err != nil {
		c.wrong("%s: %q no es una fecha; escribe año-mes-día, por ejemplo 1990-03-05", key, text)
	}
	return d
}

func (c *cells) amount(key, text string) money.Amount {
	m, err := money.Parse(text)
	if err != nil || m < 0 {
		c.wrong("%s: %q no es un monto en pesos", key, text)
	}
	return m
}

func (c *cells) pin(text string) string {
	if text != "" && (len(text) < 4 || len(text) > 6 || strings.Trim(text, "0123456789") != "") {
		c.wrong("pin: debe tener de 4 a 6 cifras, entre comillas")
	}
	return text
}

// Seeded is what one row of a seed file led to.
type Seeded struct {
	Place   string `json:"place"`
	Outcome string `json:"outcome"` // created, changed, unchanged
	Changes string `json:"changes,omitempty"`
}

// Seed loads a town. It may be repeated: what is there already is brought up to
// date. With dry nothing is kept.
func (a *App) Seed(ctx context.Context, t *Town, dry bool) ([]Seeded, error) {
	rows, _ := t.rows("town")
	run := a.engine.Act
	if dry {
		run = a.engine.Rehearse
	}
	var done []Seeded
	for i, row := range rows {
		if dry && row.action == "person.language" && done[i-1].Outcome == "created" {
			done = append(done, Seeded{Place: row.place, Outcome: "created"}) // of somebody whom only a real run would have added
			continue
		}
		result, err := run(ctx, "cli", row.place, row.action, row.with)
		if err != nil {
			return done, fmt.Errorf("%s: %w", row.place, err)
		}
		done = append(done, seeded(row, result))
	}
	for i, agent := range t.Agents {
		outcome, err := a.seedAgent(ctx, agent, dry)
		if err != nil {
			return done, err
		}
		done = append(done, Seeded{Place: fmt.Sprintf("town: agents[%d]", i), Outcome: outcome})
	}
	return done, nil
}

// seedAgent adds somebody to the desk, or brings her up to date.
func (a *App) seedAgent(ctx context.Context, agent Agent, dry bool) (outcome string, err error) {
	role := cmp.Or(agent.Role, casework.RoleAgent)
	had, ok, err := a.store.AgentNamed(ctx, agent.Login)
	switch {
	case err != nil:
		return "", err
	case !ok:
		outcome = "created"
	case had.Name == agent.Name && had.Role == role && slices.Equal(had.Queues, agent.Queues) && a.vault.VerifyPassword(had.PasswordHash, agent.Password):
		return "unchanged", nil
	default:
		outcome = "changed"
	}
	if dry {
		return outcome, nil
	}
	if err := a.PutAgent(ctx, agent.Login, agent.Name, agent.Password); err != nil {
		return "", err
	}
	return outcome, a.store.SetDuty(ctx, agent.Login, role, agent.Queues)
}

func seeded(row seedRow, result lending.Result) Seeded {
	changes, _ := result.Value["cambios"].(string)
	return Seeded{Place: row.place, Outcome: result.Outcome, Changes: changes}
}

// PutAgent adds somebody to the desk or gives her a new password.
func (a *App) PutAgent(ctx context.Context, login, name, password string) error {
	if err := a.store.PutAgent(ctx, login, name, a.vault.HashPassword(password), a.clock.Now()); err != nil {
		return fmt.Errorf("put agent: %w", err)
	}
	return nil
}

// phonesOf puts the town's people on the phones page.
func phonesOf(t *Town) []sandbox.Person {
	var out []sandbox.Person
	for _, d := range t.Distributors {
		prefill := ""
		if len(t.People) > 0 {
			phone, _ := mexid.ParsePhone(t.People[0].Phone) // checked when the file was read
			prefill = "VALE " + strings.TrimPrefix(string(phone), "+52") + " 3000 8"
		}
		phone, _ := mexid.ParsePhone(d.Phone)
		out = append(out, sandbox.Person{Phone: string(phone), Name: d.Name, Role: "distribuidora", Prefill: prefill})
	}
	for _, p := range t.People {
		phone, _ := mexid.ParsePhone(p.Phone)
		out = append(out, sandbox.Person{Phone: string(phone), Name: p.Name, Role: "beneficiaria"})
	}
	return out
}
