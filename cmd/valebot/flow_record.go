package main

import (
	"fmt"
	"os"
	"slices"

	"valebot/internal/app"
	"valebot/internal/flow/transcript"
	"valebot/internal/mexid"
)

type flowRecordCmd struct {
	Phone string `arg:"" name:"teléfono" help:"De quién es la plática, a 10 cifras."`
	Flow  string `help:"De qué flujo; por omisión, el último."`
	As    string `env:"USER" default:"" help:"Tu usuario de la mesa, de quien supervisa; queda en la bitácora. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	signature
	dataFlags
}

// Help shows two real uses.
func (flowRecordCmd) Help() string {
	return `Ejemplos:
  valebot flow record 6671234567 --as rosa > pruebas/caso.chat
  valebot flow record 6671234567 --flow aceptacion_vale --demo --as rosa

Escribe como caso de prueba una plática real, sin datos de la persona: lo que dijo
el bot va por su clave, los datos son inventados y las cifras y respuestas secretas
se cambian. Los nombres que ella haya escrito quedan: léela antes de guardarla.`
}

// Run writes the last conversation of a phone as a case.
func (c *flowRecordCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return misuse("teléfono: %w", err)
	}
	if c.As == "" {
		return misuse("di quién la lee: --as nombre")
	}
	return c.signed(e, c.by(c.As), func(p *app.Publisher) error {
		text, err := p.Record(e.ctx, string(phone), c.Flow, c.As)
		if err != nil {
			return err
		}
		return writeTo(e.out, text)
	})
}

// updated is what flow test --update did, for programs.
type updated struct {
	Files    []string `json:"files"` // rewritten
	Failures []failed `json:"failures"`
}

// updateChats rewrites what the conversations of some files expect. Cases come
// in the order of their files.
func updateChats(lab *transcript.Lab, cases []transcript.Case) (updated, error) {
	out := updated{Files: []string{}, Failures: []failed{}}
	for len(cases) > 0 {
		name := cases[0].File
		end := slices.IndexFunc(cases, func(c transcript.Case) bool { return c.File != name })
		if end < 0 {
			end = len(cases)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return out, fmt.Errorf("read conversations: %w", err)
		}
		renewed, failures := lab.Update(cases[:end], text)
		for _, f := range failures {
			out.Failures = append(out.Failures, failed(f))
		}
		if string(renewed) != string(text) {
			if err := os.WriteFile(name, renewed, 0o644); err != nil {
				return out, fmt.Errorf("write conversations: %w", err)
			}
			out.Files = append(out.Files, name)
		}
		cases = cases[end:]
	}
	return out, nil
}

// update rewrites expectations and says in which files.
func (c *flowTestCmd) update(e *env, lab *transcript.Lab, cases []transcript.Case) error {
	if len(c.Files) == 0 && !isDir(usualConversations) {
		return misuse("di qué archivos .chat se reescriben")
	}
	out, err := updateChats(lab, cases)
	if err != nil {
		return err
	}
	text := ""
	for _, f := range out.Failures {
		text += transcript.Failure(f).String()
	}
	for _, name := range out.Files {
		text += "reescrito " + name + "; revísalo antes de guardarlo\n"
	}
	if len(out.Files) == 0 {
		text += "nada que reescribir\n"
	}
	if err := e.print(out, text); err != nil {
		return err
	}
	if len(out.Failures) > 0 {
		return findings()
	}
	return nil
}
