package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/postgres/local"
)

type doctorCmd struct {
	app.Config `embed:""`
}

// Help shows two real uses.
func (doctorCmd) Help() string {
	return `Ejemplos:
  valebot doctor
  VALEBOT_PUBLIC_URL=https://vales.example.mx valebot doctor --json`
}

// finding is the result of one check.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, aviso, mal
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"`
}

// Run checks everything that can be checked without sending anything. Anything
// wrong ends with exit code 3.
func (c *doctorCmd) Run(e *env) error {
	findings := []finding{c.configuration(), c.files(), c.database(e.ctx), c.live(), c.reachable(e.ctx)}
	var b strings.Builder
	wrong := false
	for _, f := range findings {
		wrong = wrong || f.State == "mal"
		fmt.Fprintf(&b, "%-6s %-15s %s\n", f.State, f.Check, strings.ReplaceAll(f.Text, "\n", "\n                       "))
		if f.Mend != "" {
			fmt.Fprintf(&b, "                       → %s\n", f.Mend)
		}
	}
	err := e.print(findings, b.String())
	if wrong {
		return errors.Join(err, coded{errors.New(""), 3})
	}
	return err
}

func (c *doctorCmd) configuration() finding {
	if err := c.Validate(); err != nil {
		return finding{"configuración", "mal", err.Error(), "corrige las variables; `valebot serve --help` las explica"}
	}
	return finding{"configuración", "ok", "completa", ""}
}

func (c *doctorCmd) files() finding {
	book, err := app.LoadRulebook(app.FilesFrom(c.FlowsDir))
	if err != nil {
		return finding{"flujos", "mal", err.Error(), "`valebot flow lint` los revisa; `valebot explain CÓDIGO` los explica"}
	}
	return finding{"flujos", "ok", fmt.Sprintf("%d flujos, %d avisos", len(book.Flows.Names()), len(book.Warnings)), ""}
}

func (c *doctorCmd) database(ctx context.Context) finding {
	if c.DatabaseURL == "" {
		program, err := local.Program(ctx, "postgres")
		if err != nil {
			return finding{"base de datos", "mal", fault.TextOf(err), "apt-get install -y postgresql"}
		}
		return finding{"base de datos", "ok", "privada, con " + program, ""}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := app.PingDatabase(ctx, c.DatabaseURL); err != nil {
		return finding{"base de datos", "mal", "no contesta", "revisa VALEBOT_DATABASE_URL y que acepte conexiones de esta máquina"}
	}
	return finding{"base de datos", "ok", "contesta", ""}
}

func (c *doctorCmd) live() finding {
	if c.Live {
		return finding{"envío", "aviso", "VALEBOT_LIVE=1: los mensajes salen de verdad", ""}
	}
	return finding{"envío", "ok", "apagado: nada sale hacia un proveedor real", "VALEBOT_LIVE=1 lo enciende"}
}

// reachable asks the public URL how the server is, as the provider would.
func (c *doctorCmd) reachable(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url := strings.TrimRight(c.PublicURL, "/") + "/healthz"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return finding{"url pública", "mal", "VALEBOT_PUBLIC_URL no es una URL", ""}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return finding{"url pública", "aviso", "nadie contesta en " + c.PublicURL, "arranca el servidor, o revisa el DNS y el proxy"}
	}
	_ = res.Body.Close() // only the status counts
	if res.StatusCode != http.StatusOK {
		return finding{"url pública", "mal", fmt.Sprintf("%s contesta %d", c.PublicURL, res.StatusCode), "el proxy debe pasar /webhooks, /mesa y /healthz"}
	}
	return c.clock(res)
}

// clock compares this machine's clock with the answer's: signatures and code
// expiry need it right.
func (c *doctorCmd) clock(res *http.Response) finding {
	if there, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		if off := time.Since(there); off.Abs() > time.Minute {
			return finding{"reloj", "mal", "difiere " + off.Round(time.Second).String() + " del servidor público", "sincroniza el reloj (NTP)"}
		}
	}
	return finding{"url pública", "ok", c.PublicURL + " contesta", ""}
}
