package desk

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// second checks the code of who has a second factor; who has none needs none. A
// code opens once, on all nodes; a recovery code takes its place once.
func (d *Desk) second(r *http.Request, login, code string) (bool, error) {
	ctx := r.Context()
	secret, _, err := d.cfg.Store.SecondFactor(ctx, login)
	if err != nil || secret == "" {
		return err == nil, err
	}
	if step, ok := casework.CodeStep(secret, code, d.cfg.Wall()); ok {
		return d.cfg.Store.UseStep(ctx, login, step)
	}
	return d.cfg.Store.UseRecovery(ctx, login, casework.RecoveryHash(code))
}

type secondView struct {
	frame
	On       bool     // she has a second factor
	Secret   string   // offered, for who cannot scan it
	Recovery []string // shown once
	Error    string
	Notice   string
}

// security shows an agent's second factor, or offers her one.
func (d *Desk) security(w http.ResponseWriter, r *http.Request, v visit) error {
	return d.showSecurity(w, r, v, http.StatusOK, secondView{})
}

func (d *Desk) showSecurity(w http.ResponseWriter, r *http.Request, v visit, status int, view secondView) error {
	secret, offered, err := d.cfg.Store.SecondFactor(r.Context(), v.Agent)
	if err != nil {
		return err
	}
	if secret == "" && offered == "" {
		if offered, err = d.offer(r, v.Agent); err != nil {
			return err
		}
	}
	view.frame, view.On = d.frame(v, "Seguridad"), secret != ""
	if !view.On {
		view.Secret = spaced(offered)
	}
	view.Menu = "seguridad"
	return d.pages.show(w, status, "security", view)
}

// spaced writes a secret in groups of four, for typing.
func spaced(secret string) string {
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	return strings.Join(append(groups, secret), " ")
}

func (d *Desk) offer(r *http.Request, login string) (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Valebot", AccountName: login})
	if err != nil {
		return "", fmt.Errorf("make second factor: %w", err)
	}
	return key.Secret(), d.cfg.Store.OfferSecond(r.Context(), login, key.Secret())
}

// barcode is the offered secret as a picture for a telephone. One that is in
// force is never shown again.
func (d *Desk) barcode(w http.ResponseWriter, r *http.Request, v visit) error {
	secret, offered, err := d.cfg.Store.SecondFactor(r.Context(), v.Agent)
	if err != nil {
		return err
	}
	if secret != "" || offered == "" {
		return fault.New(fault.NotFound, "nothing_offered", "Esa página no existe.")
	}
	key, err := otp.NewKeyFromURL("otpauth://totp/Valebot:" + url.PathEscape(v.Agent) + "?" + url.Values{"secret": {offered}, "issuer": {"Valebot"}}.Encode())
	if err != nil {
		return fmt.Errorf("write second factor: %w", err)
	}
	picture, err := key.Image(220, 220)
	if err != nil {
		return fmt.Errorf("draw second factor: %w", err)
	}
	var body bytes.Buffer
	if err := png.Encode(&body, picture); err != nil {
		return fmt.Errorf("draw second factor: %w", err)
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = body.WriteTo(w) // a browser that left is no error
	return nil
}

// recoveryCodes is how many an agent gets.
const recoveryCodes = 8

// confirm puts the offered secret in force for who shows that her telephone has
// it, and shows her the recovery codes, this once.
func (d *Desk) confirm(w http.ResponseWriter, r *http.Request, v visit) error {
	_, offered, err := d.cfg.Store.SecondFactor(r.Context(), v.Agent)
	if err != nil {
		return err
	}
	step, ok := casework.CodeStep(offered, r.PostForm.Get("codigo"), d.cfg.Wall())
	if !ok {
		return d.showSecurity(w, r, v, http.StatusUnprocessableEntity, secondView{Error: "Ese código no es. Espera el siguiente y vuelve a escribirlo."})
	}
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		code := rand.Text()[:16]
		codes[i], hashes[i] = spaced(code), casework.RecoveryHash(code)
	}
	if err := d.cfg.Store.ConfirmSecond(r.Context(), v.Agent, step, hashes, v.now); err != nil {
		return err
	}
	return d.showSecurity(w, r, v, http.StatusOK, secondView{Recovery: codes, Notice: "Listo: al entrar se te pedirá un código."})
}

// drop takes the second factor away from who shows a code of it.
func (d *Desk) drop(w http.ResponseWriter, r *http.Request, v visit) error {
	ok, err := d.second(r, v.Agent, r.PostForm.Get("codigo"))
	if err != nil {
		return err
	}
	if !ok {
		return d.showSecurity(w, r, v, http.StatusUnprocessableEntity, secondView{Error: "Ese código no es, o ya se usó. Espera el siguiente."})
	}
	if err := d.cfg.Store.DropSecond(r.Context(), v.Agent, v.Agent, v.now); err != nil {
		return err
	}
	return d.showSecurity(w, r, v, http.StatusOK, secondView{Notice: "Ya no se te pedirá un código."})
}
