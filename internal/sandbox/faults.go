package sandbox

import (
	"maps"
	"sync"
)

// Mischief names something that goes wrong on demand.
type Mischief string

// What can go wrong. Each happens a set number of times, or until it is
// switched off. Those of the first three groups happen to whichever provider of
// messages is asked, in its own dialect; their names are from when Twilio was
// the only one.
const (
	TwilioSlow       Mischief = "twilio_lento"        // answers after two seconds
	TwilioHang       Mischief = "twilio_colgado"      // takes nothing and never answers
	Twilio500        Mischief = "twilio_500"          // takes nothing and answers 500
	TwilioHTML       Mischief = "twilio_html"         // takes the message and answers 200 with a page of HTML
	TwilioJSON       Mischief = "twilio_json"         // takes the message and answers 201 with half an object
	TwilioBusy       Mischief = "twilio_429"          // takes nothing, answers 429 with Retry-After
	TwilioCut        Mischief = "twilio_corta"        // takes the message and cuts the line before its answer
	TwilioLoses      Mischief = "twilio_pierde"       // answers 201 and never delivers
	TwilioOptOut     Mischief = "twilio_21610"        // refuses: the person has opted out
	TwilioUnreached  Mischief = "twilio_30003"        // takes it; the phone cannot be reached
	TwilioWindow     Mischief = "twilio_63016"        // takes it; WhatsApp's window was closed
	NetworkNoName    Mischief = "red_sin_dns"         // the provider's name is not found
	NetworkExpired   Mischief = "red_certificado"     // the provider's certificate has expired
	WebhookTwice     Mischief = "webhook_doble"       // delivers each inbound webhook twice
	WebhookForged    Mischief = "webhook_falso"       // delivers one with a wrong signature first
	WebhookCut       Mischief = "webhook_cortado"     // delivers the first half alone, then the whole
	WebhookHuge      Mischief = "webhook_enorme"      // delivers four megabytes first
	WebhookReplayed  Mischief = "webhook_repetido"    // delivers it once more after the next one
	WebhookReordered Mischief = "webhook_desordenado" // keeps it back until the next one was delivered
	ClockJumps       Mischief = "reloj_salta"         // the gateway signs with a clock that is an hour late
	StatusTwice      Mischief = "estado_doble"        // tells each status twice
	StatusDisordered Mischief = "estado_desordenado"  // tells delivered before sent
	StatusLost       Mischief = "estado_perdido"      // tells no status at all
	StatusEarly      Mischief = "estado_antes"        // tells delivered before it answers the send
	StatusUnknown    Mischief = "estado_ajeno"        // tells of a message that nobody sent
	StatusRevived    Mischief = "estado_revive"       // tells failed and then delivered
	ATMRejects       Mischief = "cajero_rechaza"      // the issuer rejects, later, by event
	ATMAtOnce        Mischief = "cajero_al_momento"   // the issuer answers 201 with the code
	ATM500           Mischief = "cajero_500"          // takes nothing and answers 500
	ATMCut           Mischief = "cajero_corta"        // takes the request and cuts the line
	ATMSilent        Mischief = "cajero_mudo"         // takes the request and tells nothing until asked
	ATMTwice         Mischief = "cajero_doble"        // tells each event twice
	BankRejects      Mischief = "banco_rechaza"       // the transfer is rejected
	BankReturns      Mischief = "banco_devuelve"      // the transfer settles and comes back
	BankWaits        Mischief = "banco_espera"        // the transfer waits until it is settled by hand
	Bank500          Mischief = "banco_500"           // takes nothing and answers 500
	BankCut          Mischief = "banco_corta"         // takes the order and cuts the line
)

// Menu says what goes wrong, and how often still. It is safe for concurrent use.
type Menu struct {
	mu   sync.Mutex
	left map[Mischief]int // below zero is until switched off
}

// NewMenu returns a Menu on which nothing goes wrong.
func NewMenu() *Menu { return &Menu{left: map[Mischief]int{}} }

// Set makes something go wrong the next times it can; below zero until it is
// set to zero.
func (m *Menu) Set(what Mischief, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if times == 0 {
		delete(m.left, what)
		return
	}
	m.left[what] = times
}

// take reports whether it goes wrong now, and counts it.
func (m *Menu) take(what Mischief) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := m.left[what]
	switch {
	case left == 0:
		return false
	case left == 1:
		delete(m.left, what)
	case left > 1:
		m.left[what]--
	}
	return true
}

// State returns what goes wrong and how often still.
func (m *Menu) State() map[Mischief]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.left)
}

// dish is an entry of the menu as the page shows it.
type dish struct {
	Name  Mischief `json:"name"`
	Group string   `json:"group"`
	Text  string   `json:"text"`
}

// card lists the whole menu in the page's order.
func card() []dish {
	return []dish{
		{TwilioSlow, "Proveedor de mensajes", "Contesta con 2 segundos de retraso"},
		{TwilioHang, "Proveedor de mensajes", "Se queda colgado y no recibe"},
		{Twilio500, "Proveedor de mensajes", "Error 500, no recibe"},
		{TwilioBusy, "Proveedor de mensajes", "429: vuelve más tarde"},
		{TwilioHTML, "Proveedor de mensajes", "Recibe, pero contesta HTML"},
		{TwilioJSON, "Proveedor de mensajes", "Recibe, pero contesta JSON a medias"},
		{TwilioCut, "Proveedor de mensajes", "Recibe y corta antes de contestar"},
		{TwilioLoses, "Proveedor de mensajes", "Dice que sí y pierde el mensaje"},
		{TwilioOptOut, "Proveedor de mensajes", "La persona se dio de baja (21610)"},
		{TwilioUnreached, "Proveedor de mensajes", "Teléfono apagado (30003, 131026)"},
		{TwilioWindow, "Proveedor de mensajes", "Ventana de WhatsApp cerrada (63016, 131047)"},
		{NetworkNoName, "Proveedor de mensajes", "No se encuentra su nombre (DNS)"},
		{NetworkExpired, "Proveedor de mensajes", "Su certificado está vencido"},
		{WebhookTwice, "Avisos", "Cada mensaje llega dos veces"},
		{WebhookForged, "Avisos", "Antes llega uno con firma falsa"},
		{WebhookCut, "Avisos", "Antes llega cortado a la mitad"},
		{WebhookHuge, "Avisos", "Antes llega uno de 4 MB"},
		{WebhookReplayed, "Avisos", "Llega otra vez después del siguiente"},
		{WebhookReordered, "Avisos", "Llega después del siguiente"},
		{ClockJumps, "Avisos", "El reloj de la pasarela se atrasa una hora"},
		{StatusTwice, "Avisos", "Cada estado llega dos veces"},
		{StatusDisordered, "Avisos", "Estados en desorden"},
		{StatusLost, "Avisos", "No llega ningún estado"},
		{StatusEarly, "Avisos", "Un estado llega antes que la respuesta"},
		{StatusUnknown, "Avisos", "Llega un estado de un mensaje ajeno"},
		{StatusRevived, "Avisos", "Falla y luego sí se entrega"},
		{ATMRejects, "Cajero", "Rechaza la clave"},
		{ATMAtOnce, "Cajero", "Da la clave al momento"},
		{ATM500, "Cajero", "Error 500, no recibe"},
		{ATMCut, "Cajero", "Recibe y corta antes de contestar"},
		{ATMSilent, "Cajero", "Recibe y no avisa"},
		{ATMTwice, "Cajero", "Cada aviso llega dos veces"},
		{BankRejects, "Banco", "Rechaza la transferencia"},
		{BankReturns, "Banco", "La liquida y luego la devuelve"},
		{BankWaits, "Banco", "Espera a que la liquides a mano"},
		{Bank500, "Banco", "Error 500, no recibe"},
		{BankCut, "Banco", "Recibe y corta antes de contestar"},
	}
}

// known reports whether the card has it.
func known(what Mischief) bool {
	for _, d := range card() {
		if d.Name == what {
			return true
		}
	}
	return false
}
