package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Twilio signs with
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"valebot/internal/channel/twilio"
	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/mexid"
	"valebot/internal/postgres"
	"valebot/internal/redisdb"
)

// checkSignature signs a webhook as Twilio would, with each token, and has it
// verified: a public URL that is not the one that is signed refuses everything.
func checkSignature(cfg Config) Finding {
	const check = "firma"
	tokens := cfg.TwilioAuthToken.tokens()
	if len(tokens) == 0 {
		return Finding{check, Notice, "sin token de Twilio no hay qué firmar", ""}
	}
	verifier, err := twilio.NewVerifier(cfg.PublicURL, "", tokens...)
	if err != nil {
		return Finding{check, Wrong, "VALEBOT_PUBLIC_URL no sirve para firmar", "escríbela completa: https://vales.example.mx"}
	}
	form := url.Values{"Body": {"SALDO"}, "From": {"+526671234567"}}
	signed := strings.TrimRight(cfg.PublicURL, "/") + inboundPath + "BodySALDOFrom+526671234567"
	for i, token := range tokens {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(signed))
		signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if !verifier.Verify(inboundPath, form, signature) {
			return Finding{check, Wrong, fmt.Sprintf("una firma hecha con el token %d no se reconoce", i+1), "revisa VALEBOT_PUBLIC_URL y VALEBOT_TWILIO_AUTH_TOKEN"}
		}
		if verifier.Verify(inboundPath, url.Values{"Body": {"OTRO"}, "From": {"+526671234567"}}, signature) {
			return Finding{check, Wrong, "un mensaje cambiado pasa por bueno", "no arranques así; avisa a quien programa"}
		}
	}
	return Finding{check, Fine, fmt.Sprintf("se reconoce con %d token(s), sobre %s", len(tokens), strings.TrimRight(cfg.PublicURL, "/")+inboundPath), ""}
}

// checkNumbers looks at how our own numbers are written: Mexican ones go without
// the old mobile 1.
func checkNumbers(cfg Config) Finding {
	const check = "números"
	for name, number := range map[string]string{"VALEBOT_TWILIO_SENDER": cfg.TwilioSender, "VALEBOT_TWILIO_WHATSAPP": cfg.TwilioWhatsApp} {
		if !strings.HasPrefix(number, "+52") {
			continue
		}
		phone, err := mexid.ParsePhone(number)
		switch {
		case err != nil:
			return Finding{check, Wrong, name + " no es un número de México", "escríbelo como +52 y diez cifras"}
		case string(phone) != number && name == "VALEBOT_TWILIO_SENDER":
			return Finding{check, Wrong, name + " lleva el 1 de antes", "escríbelo como +52 y diez cifras"}
		}
	}
	return Finding{check, Fine, "bien escritos", ""}
}

// checkRedisAnswers asks Redis, if there is one.
func checkRedisAnswers(ctx context.Context, cfg Config) Finding {
	const check = "redis"
	if cfg.RedisURL == "" {
		return Finding{check, Fine, "sin Redis: el ritmo se lleva en este proceso", ""}
	}
	client, err := redisdb.Open(cfg.RedisURL, slog.New(slog.DiscardHandler))
	if err != nil {
		return Finding{check, Wrong, "VALEBOT_REDIS_URL no se entiende", "escribe redis://host:6379/0"}
	}
	defer func() { _ = client.Close() }() // nothing is kept there
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	if err := client.Ping(ctx); err != nil {
		return Finding{check, Wrong, "no contesta: cada nodo llevaría su parte del ritmo y los recordatorios esperarían", "revisa VALEBOT_REDIS_URL"}
	}
	return Finding{check, Fine, "contesta", ""}
}

// checkStore asks a foreign database whether it takes writes, what its clock says
// and how the WhatsApp templates stand. A private one is not started for this.
func checkStore(ctx context.Context, cfg Config) []Finding {
	if cfg.DatabaseURL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	store, err := postgres.Open(ctx, cfg.DatabaseURL, nil, engine.NewID)
	if err != nil {
		return nil // checkDatabase says so
	}
	defer store.Close()
	found := []Finding{checkWritable(ctx, store)}
	if states, err := store.TemplateStates(ctx); err == nil && len(states) > 0 {
		found = append(found, templateFinding(states))
	}
	return found
}

func checkWritable(ctx context.Context, store *postgres.Store) Finding {
	const check = "escritura"
	there, err := store.Writable(ctx)
	switch {
	case err != nil:
		return Finding{check, Wrong, "la base contesta y no deja escribir", "¿es una réplica, está llena o falta `valebot migrate`?"}
	case time.Since(there).Abs() > 5*time.Second:
		return Finding{check, Notice, "el reloj de la base difiere " + time.Since(there).Round(time.Second).String(), "sincroniza los relojes (NTP)"}
	}
	return Finding{check, Fine, "la base guarda, y su reloj va con el de aquí", ""}
}

// templateFinding says how the templates stand at Meta.
func templateFinding(states map[string]int) Finding {
	var parts []string
	bad := 0
	for _, status := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[status], status))
		if status != "APPROVED" {
			bad += states[status]
		}
	}
	f := Finding{"plantillas", Fine, strings.Join(parts, ", "), ""}
	if bad > 0 {
		f.State, f.Mend = Notice, "las que no están aprobadas no se mandan: fuera de la ventana de 24 horas su mensaje no llega por WhatsApp"
	}
	return f
}

// CheckSend sends one message to a phone that VALEBOT_TEST_PHONES lists, by SMS,
// and says what the provider answered. It is the check of credentials: nothing
// else proves them.
func CheckSend(ctx context.Context, cfg Config, phone string) Finding {
	const check = "mensaje de prueba"
	to, err := mexid.ParsePhone(phone)
	if err != nil {
		return Finding{check, Wrong, "ese teléfono no es de México", "escríbelo como +52 y diez cifras"}
	}
	if !cfg.mayTest(string(to)) {
		return Finding{check, Wrong, "ese teléfono no está entre los de prueba", "agrégalo a VALEBOT_TEST_PHONES"}
	}
	if realService(cfg.smsURL()) && !cfg.Live {
		return Finding{check, Notice, "el envío está apagado: no salió nada", "VALEBOT_LIVE=1 lo enciende"}
	}
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	sender, err := a.sender()
	if err != nil {
		return Finding{check, Wrong, "falta configuración del proveedor", "revisa las variables del proveedor"}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*checkPatience)
	defer cancel()
	id, err := sender.Send(ctx, message.Outbound{
		ID: engine.NewID(), Attempt: 1, To: message.Address{Channel: message.SMS, Value: string(to)}, Lane: message.LaneReply,
		Body: "Prueba de valebot: si lees esto, el envio funciona.", Segments: 1, Validity: 5 * time.Minute,
	})
	if err != nil {
		return Finding{check, Wrong, sendTrouble(message.ClassOf(err)), "revisa cuenta, token y número en la consola del proveedor"}
	}
	return Finding{check, Fine, "el proveedor lo tomó: " + id, ""}
}

// mayTest reports whether a phone is listed for tests.
func (c *Config) mayTest(phone string) bool {
	return slices.ContainsFunc(c.TestPhones, func(listed string) bool {
		parsed, err := mexid.ParsePhone(listed)
		return err == nil && string(parsed) == phone
	})
}

func sendTrouble(class message.Class) string {
	switch class {
	case message.Config:
		return "el proveedor no acepta la cuenta, el token o el número que envía"
	case message.BadNumber:
		return "el proveedor dice que ese número no puede recibir"
	case message.OptedOut:
		return "ese teléfono bloqueó nuestros mensajes"
	case message.Safe, message.Defer:
		return "el proveedor pide esperar"
	case message.Ambiguous:
		return "no se supo si el proveedor lo tomó: no contestó con claridad"
	}
	return "el proveedor rechazó el mensaje"
}
