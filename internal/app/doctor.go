package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"valebot/internal/fault"
	"valebot/internal/postgres/local"
	"valebot/internal/quincena"
)

// State is how one check of Checkup came out.
type State string

// The states, as operators read them.
const (
	Fine   State = "ok"
	Notice State = "aviso" // works; somebody should know
	Wrong  State = "mal"
)

// Finding is the result of one check. Text and Mend are Spanish and hold no
// secret.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"` // what to do about it
}

// checkPatience bounds each check that waits for somebody else.
const checkPatience = 5 * time.Second

// Checkup checks everything that can be checked without sending anything and
// without starting anything: configuration, files, database, templates, Redis,
// numbers, signature, public URL, clock.
func Checkup(ctx context.Context, cfg Config) []Finding {
	found := []Finding{checkConfig(cfg), checkFiles(cfg), checkContract(cfg), checkDeposit(cfg), checkDatabase(ctx, cfg)}
	found = append(found, checkStore(ctx, cfg)...)
	return append(found, checkRedisAnswers(ctx, cfg), checkNumbers(cfg), checkSignature(cfg), checkLive(cfg), checkPublicURL(ctx, cfg))
}

func checkConfig(cfg Config) Finding {
	if err := cfg.Validate(); err != nil {
		return Finding{"configuración", Wrong, err.Error(), "corrige las variables; `valebot serve --help` las explica"}
	}
	return Finding{"configuración", Fine, "completa", ""}
}

func checkFiles(cfg Config) Finding {
	book, err := LoadRulebook(cfg.files())
	if err != nil {
		return Finding{"flujos", Wrong, err.Error(), "`valebot flow lint` los revisa; `valebot explain CÓDIGO` los explica"}
	}
	return Finding{"flujos", Fine, fmt.Sprintf("%d flujos, %d avisos", len(book.Flows.Names()), len(book.Warnings)), ""}
}

// checkContract looks for the RECA number of the product that is sold: without
// it no contract may be offered to anybody.
func checkContract(cfg Config) Finding {
	book, err := LoadRulebook(cfg.files())
	if err != nil {
		return Finding{"contrato", Notice, "sin revisar: los archivos tienen errores", ""}
	}
	reca := book.Products.First(soldProduct).Registration.RECA
	if reca == "" {
		return Finding{"contrato", Notice, "el producto no tiene número de RECA: solo sirve para pruebas", "va en products/vale.yaml, en registration"}
	}
	return Finding{"contrato", Fine, "RECA " + reca, ""}
}

// checkDeposit tells the CLABE that payers are told, as the one of vale V-00001
// where each has its own. It is no secret: everybody who pays gets it.
func checkDeposit(cfg Config) Finding {
	const name, mend = "clabe de pago", "VALEBOT_DEPOSIT_CLABE, o deposit_clabe en products/vale.yaml"
	book, err := LoadRulebook(cfg.files())
	if err != nil {
		return Finding{name, Notice, "sin revisar: los archivos tienen errores", ""}
	}
	to := book.Actions.Deposit(quincena.On(time.Now(), quincena.Central()))
	switch first := to.CLABE(1); {
	case to == "":
		return Finding{name, Notice, "no hay: a quien paga solo se le dice su referencia", mend}
	case to.Own():
		return Finding{name, Fine, fmt.Sprintf("una por vale en %s; la de V-00001 es %s", first.Bank(), string(first)), ""}
	default:
		return Finding{name, Fine, fmt.Sprintf("la misma para todos, en %s: %s", first.Bank(), string(first)), ""}
	}
}

func checkDatabase(ctx context.Context, cfg Config) Finding {
	if cfg.DatabaseURL == "" {
		program, err := local.Program(ctx, "postgres")
		if err != nil {
			return Finding{"base de datos", Wrong, fault.TextOf(err), "apt-get install -y postgresql"}
		}
		return Finding{"base de datos", Fine, "privada, con " + program, ""}
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	if err := PingDatabase(ctx, cfg.DatabaseURL); err != nil {
		return Finding{"base de datos", Wrong, "no contesta", "revisa VALEBOT_DATABASE_URL y que acepte conexiones de esta máquina"}
	}
	return Finding{"base de datos", Fine, "contesta", ""}
}

func checkLive(cfg Config) Finding {
	if cfg.Live {
		return Finding{"envío", Notice, "VALEBOT_LIVE=1: los mensajes salen de verdad", ""}
	}
	return Finding{"envío", Fine, "apagado: nada sale hacia un proveedor real", "VALEBOT_LIVE=1 lo enciende"}
}

// checkPublicURL asks the public URL how the server is, as the provider would.
func checkPublicURL(ctx context.Context, cfg Config) Finding {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(cfg.PublicURL, "/")+"/healthz", nil)
	if err != nil {
		return Finding{"url pública", Wrong, "VALEBOT_PUBLIC_URL no es una URL", "escríbela completa: https://vales.example.mx"}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return Finding{"url pública", Notice, "nadie contesta en " + cfg.PublicURL, "arranca el servidor, o revisa el DNS y el proxy"}
	}
	_ = res.Body.Close() // only the status counts
	if res.StatusCode != http.StatusOK {
		return Finding{"url pública", Wrong, fmt.Sprintf("%s contesta %d", cfg.PublicURL, res.StatusCode), "el proxy debe pasar /webhooks, /mesa y /healthz"}
	}
	return checkClock(cfg, res)
}

// checkClock compares this machine's clock with the answer's: signatures and
// code expiry need it right.
func checkClock(cfg Config, res *http.Response) Finding {
	if there, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		if off := time.Since(there); off.Abs() > time.Minute {
			return Finding{"reloj", Wrong, "difiere " + off.Round(time.Second).String() + " del servidor público", "sincroniza el reloj (NTP)"}
		}
	}
	return Finding{"url pública", Fine, cfg.PublicURL + " contesta", ""}
}
