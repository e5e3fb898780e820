// Package app builds the whole program from a Config, runs it and stops it in
// order. Tests start it on port 0 like main does.
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"valebot/internal/fault"
	"valebot/internal/mexid"
	"valebot/internal/rail"
	"valebot/internal/redisdb"
)

// Secret is a configured secret. It prints as ***, whichever way it is printed.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Config is everything that can be set. Each field is a flag and an environment
// variable of the same name with VALEBOT_ before it.
type Config struct {
	Addr        string         `env:"VALEBOT_ADDR" default:":8080" help:"Dirección en la que escucha."`
	PublicURL   string         `env:"VALEBOT_PUBLIC_URL" default:"http://localhost:8080" help:"URL pública, tal como la firma el proveedor."`
	DataDir     string         `env:"VALEBOT_DATA_DIR" default:"" help:"Carpeta de datos: base privada y llaves. Por omisión, ~/.local/share/valebot."`
	DatabaseURL string         `env:"VALEBOT_DATABASE_URL" default:"" help:"PostgreSQL. Vacío: valebot arranca uno privado en la carpeta de datos."`
	RedisURL    string         `env:"VALEBOT_REDIS_URL" default:"" help:"Redis para compartir el ritmo entre nodos. Vacío: el ritmo se lleva en este proceso."`
	Proxies     []netip.Prefix `name:"trusted-proxies" env:"VALEBOT_TRUSTED_PROXIES" help:"Redes de tus proxies (10.0.0.0/8,…): su X-Forwarded-For dice quién entra a la mesa."`
	Live        bool           `env:"VALEBOT_LIVE" default:"false" help:"Envía de verdad. Sin esto nada sale hacia un proveedor real."`

	TwilioAccountSID string            `name:"twilio-account-sid" env:"VALEBOT_TWILIO_ACCOUNT_SID" default:"" help:"Cuenta de Twilio (AC…)."`
	TwilioAuthToken  Secret            `name:"twilio-auth-token" env:"VALEBOT_TWILIO_AUTH_TOKEN" default:"" help:"Token de Twilio; varios separados por coma mientras se cambia."`
	TwilioSender     string            `name:"twilio-sender" env:"VALEBOT_TWILIO_SENDER" default:"" help:"Número (+52…) o Messaging Service (MG…) que envía."`
	TwilioWhatsApp   string            `name:"twilio-whatsapp" env:"VALEBOT_TWILIO_WHATSAPP" default:"" help:"Número de WhatsApp que envía; por omisión, el mismo."`
	TwilioButtons    map[int]string    `name:"twilio-buttons" env:"VALEBOT_TWILIO_BUTTONS" help:"Plantillas de contenido con botones, por número de opciones: 2=HX…;3=HX…"`
	TwilioTemplates  map[string]string `name:"twilio-templates" env:"VALEBOT_TWILIO_TEMPLATES" help:"Plantillas aprobadas por nombre: vale_oferta_v1=HX…;pago_aviso_v1=HX…"`
	TwilioAPIURL     string            `name:"twilio-api-url" env:"VALEBOT_TWILIO_API_URL" default:"https://api.twilio.com" help:"API de Twilio; otra URL para un simulador."`

	WhatsAppPhoneID   string            `name:"whatsapp-phone-id" env:"VALEBOT_WHATSAPP_PHONE_ID" default:"" help:"Identificador de nuestro número en la API de WhatsApp de Meta. Vacío: WhatsApp sale por Twilio."`
	WhatsAppAccountID string            `name:"whatsapp-account-id" env:"VALEBOT_WHATSAPP_ACCOUNT_ID" default:"" help:"Identificador de la cuenta de WhatsApp Business, para conocer sus plantillas."`
	WhatsAppToken     Secret            `name:"whatsapp-token" env:"VALEBOT_WHATSAPP_TOKEN" default:"" help:"Token de un usuario del sistema de Meta."`
	WhatsAppSecret    Secret            `name:"whatsapp-app-secret" env:"VALEBOT_WHATSAPP_APP_SECRET" default:"" help:"Secreto de la app que firma los avisos; varios separados por coma mientras se cambia."`
	WhatsAppVerify    Secret            `name:"whatsapp-verify-token" env:"VALEBOT_WHATSAPP_VERIFY_TOKEN" default:"" help:"Palabra que se escribe en la consola de Meta al dar de alta el aviso."`
	WhatsAppTemplates map[string]string `name:"whatsapp-templates" env:"VALEBOT_WHATSAPP_TEMPLATES" help:"Plantillas que en Meta se llaman distinto: vale_oferta_v1=oferta_2026;…"`
	WhatsAppLanguage  string            `name:"whatsapp-language" env:"VALEBOT_WHATSAPP_LANGUAGE" default:"es_MX" help:"Idioma de las plantillas."`
	WhatsAppAPIURL    string            `name:"whatsapp-api-url" env:"VALEBOT_WHATSAPP_API_URL" default:"" help:"API de Meta con su versión; otra URL para un simulador."`

	GatewayURL     string `name:"gateway-url" env:"VALEBOT_GATEWAY_URL" default:"" help:"Pasarela que lleva un canal (docs/gateway.md)."`
	GatewaySecret  Secret `name:"gateway-secret" env:"VALEBOT_GATEWAY_SECRET" default:"" help:"Secreto con el que se firma el trato con la pasarela; varios separados por coma."`
	GatewayChannel string `name:"gateway-channel" env:"VALEBOT_GATEWAY_CHANNEL" default:"sms" help:"Canal que lleva la pasarela: sms o whatsapp."`
	GatewayName    string `name:"gateway-name" env:"VALEBOT_GATEWAY_NAME" default:"pasarela" help:"Nombre con el que se guardan sus mensajes; no lo cambies después."`
	GatewaySender  string `name:"gateway-sender" env:"VALEBOT_GATEWAY_SENDER" default:"" help:"Nuestro remitente en la pasarela, si tiene varios."`
	GatewayButtons int    `name:"gateway-buttons" env:"VALEBOT_GATEWAY_BUTTONS" default:"0" help:"Opciones que la pasarela muestra para tocar; 0: se escriben con número."`

	ATMURL        string `name:"atm-url" env:"VALEBOT_ATM_URL" default:"" help:"Emisor de claves de retiro en cajero (docs/rails.md)."`
	ATMSecret     Secret `name:"atm-secret" env:"VALEBOT_ATM_SECRET" default:"" help:"Secreto con el que se firma el trato con el emisor; varios separados por coma."`
	SPEIURL       string `name:"spei-url" env:"VALEBOT_SPEI_URL" default:"" help:"Servicio de transferencias (docs/rails.md)."`
	SPEISecret    Secret `name:"spei-secret" env:"VALEBOT_SPEI_SECRET" default:"" help:"Secreto del servicio de transferencias."`
	DepositSecret Secret `name:"deposit-secret" env:"VALEBOT_DEPOSIT_SECRET" default:"" help:"Secreto con el que se firman los avisos de pago recibido."`

	DepositCLABE string `name:"deposit-clabe" env:"VALEBOT_DEPOSIT_CLABE" default:"" help:"CLABE en la que se paga, o los 10 primeros dígitos de un rango en el que cada vale tiene la suya. Vacío: la del producto."`

	FlowsDir   string   `name:"flows" env:"VALEBOT_FLOWS" default:"" help:"Carpeta de flujos. Vacío: los que trae el programa."`
	Watch      bool     `name:"watch" env:"VALEBOT_WATCH" default:"false" help:"Para desarrollo: cada cambio guardado en la carpeta de flujos rige para las pláticas nuevas."`
	SMSRate    int      `name:"sms-rate" env:"VALEBOT_SMS_RATE" default:"0" help:"Segmentos de SMS por segundo. 0: 10 hacia Twilio, sin freno hacia un simulador."`
	WARate     int      `name:"whatsapp-rate" env:"VALEBOT_WHATSAPP_RATE" default:"80" help:"Mensajes de WhatsApp por segundo."`
	Account    int      `name:"account-rate" env:"VALEBOT_ACCOUNT_RATE" default:"0" help:"Mensajes por segundo de toda la cuenta del proveedor, SMS y WhatsApp juntos. 0: sin otro tope."`
	PerDay     int      `name:"cap-day" env:"VALEBOT_CAP_DAY" default:"3" help:"Recordatorios y promociones por persona al día, sumando todos los flujos. 0: sin tope."`
	PerWeek    int      `name:"cap-week" env:"VALEBOT_CAP_WEEK" default:"7" help:"Lo mismo por semana."`
	Days       string   `name:"contact-days" env:"VALEBOT_CONTACT_DAYS" default:"todos" enum:"todos,habiles" help:"Días en que salen recordatorios y promociones: todos, o solo hábiles (lunes a viernes sin festivos)."`
	TestPhones []string `name:"test-phones" env:"VALEBOT_TEST_PHONES" help:"Teléfonos a los que doctor puede mandar un mensaje de prueba, separados por coma."`
	Group      int      `env:"VALEBOT_GROUP" default:"128" help:"Pláticas por transacción."`
	Senders    int      `env:"VALEBOT_SENDERS" default:"64" help:"Envíos al proveedor a la vez."`

	Tuning Tuning `kong:"-"`
	// Tell, if not nil, hears in Spanish what became of each saved draft.
	Tell func(text string) `kong:"-" json:"-"`
}

// Validate reports every problem at once, one line each, in Spanish.
func (c *Config) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		add("VALEBOT_ADDR: %q no es una dirección; escribe host:puerto, por ejemplo :8080", c.Addr)
	}
	checkURL(add, "VALEBOT_PUBLIC_URL", c.PublicURL, true)
	checkURL(add, "VALEBOT_TWILIO_API_URL", c.TwilioAPIURL, true)
	checkURL(add, "VALEBOT_ATM_URL", c.ATMURL, false)
	checkURL(add, "VALEBOT_SPEI_URL", c.SPEIURL, false)
	checkRedis(add, c.RedisURL)
	c.checkTwilio(add)
	c.checkWhatsApp(add)
	c.checkGateway(add)
	c.checkPair(add, "VALEBOT_ATM", c.ATMURL, c.ATMSecret)
	c.checkPair(add, "VALEBOT_SPEI", c.SPEIURL, c.SPEISecret)
	c.checkPair(add, "VALEBOT_DEPOSIT", "", c.DepositSecret)
	if _, err := mexid.ParseDeposit(c.DepositCLABE); err != nil && c.DepositCLABE != "" {
		add("VALEBOT_DEPOSIT_CLABE: %s", fault.TextOf(err))
	}
	checkRange(add, "VALEBOT_SMS_RATE", c.SMSRate, 0, 10_000)
	checkRange(add, "VALEBOT_WHATSAPP_RATE", c.WARate, 1, 10_000)
	checkRange(add, "VALEBOT_ACCOUNT_RATE", c.Account, 0, 100_000)
	checkRange(add, "VALEBOT_CAP_DAY", c.PerDay, 0, 100)
	checkRange(add, "VALEBOT_CAP_WEEK", c.PerWeek, 0, 100)
	checkRange(add, "VALEBOT_GROUP", c.Group, 1, 512)
	checkRange(add, "VALEBOT_SENDERS", c.Senders, 1, 1_000)
	return errors.Join(problems...)
}

func (c *Config) checkTwilio(add func(string, ...any)) {
	if c.TwilioAccountSID == "" && c.TwilioAuthToken == "" && c.GatewayURL != "" && c.GatewayChannel == "sms" {
		return // text messages go by the gateway
	}
	if !strings.HasPrefix(c.TwilioAccountSID, "AC") {
		add("VALEBOT_TWILIO_ACCOUNT_SID: falta o no empieza con AC; está en la consola de Twilio")
	}
	if len(c.TwilioAuthToken.tokens()) == 0 {
		add("VALEBOT_TWILIO_AUTH_TOKEN: falta; está junto al Account SID")
	}
	if !strings.HasPrefix(c.TwilioSender, "+") && !strings.HasPrefix(c.TwilioSender, "MG") && !isShortCode(c.TwilioSender) {
		add("VALEBOT_TWILIO_SENDER: falta; escribe un número (+52…), un código corto o un Messaging Service (MG…)")
	}
	if c.TwilioWhatsApp != "" && !strings.HasPrefix(c.TwilioWhatsApp, "+") {
		add("VALEBOT_TWILIO_WHATSAPP: escribe el número como +52…")
	}
}

// checkWhatsApp asks for everything or nothing of Meta's API.
func (c *Config) checkWhatsApp(add func(string, ...any)) {
	if c.WhatsAppPhoneID == "" {
		if c.WhatsAppToken != "" || c.WhatsAppSecret != "" || c.WhatsAppAccountID != "" {
			add("VALEBOT_WHATSAPP_PHONE_ID: falta; está en la consola de Meta, junto al número")
		}
		return
	}
	if strings.Trim(c.WhatsAppPhoneID+c.WhatsAppAccountID, "0123456789") != "" {
		add("VALEBOT_WHATSAPP_PHONE_ID y VALEBOT_WHATSAPP_ACCOUNT_ID: son identificadores de solo cifras, no el número")
	}
	if c.WhatsAppToken == "" {
		add("VALEBOT_WHATSAPP_TOKEN: falta; es el token de un usuario del sistema")
	}
	if len(c.WhatsAppSecret.tokens()) == 0 {
		add("VALEBOT_WHATSAPP_APP_SECRET: falta; sin él no se sabe si un aviso es de Meta")
	}
	if len(c.WhatsAppVerify) < 8 {
		add("VALEBOT_WHATSAPP_VERIFY_TOKEN: falta o es muy corto; inventa una palabra de 8 letras o más")
	}
	checkURL(add, "VALEBOT_WHATSAPP_API_URL", c.WhatsAppAPIURL, false)
}

func (c *Config) checkGateway(add func(string, ...any)) {
	checkURL(add, "VALEBOT_GATEWAY_URL", c.GatewayURL, false)
	c.checkPair(add, "VALEBOT_GATEWAY", c.GatewayURL, c.GatewaySecret)
	if c.GatewayURL == "" {
		return
	}
	if c.GatewayChannel != "sms" && c.GatewayChannel != "whatsapp" {
		add("VALEBOT_GATEWAY_CHANNEL: %q no es un canal; escribe sms o whatsapp", c.GatewayChannel)
	}
	if c.GatewayName == "" {
		add("VALEBOT_GATEWAY_NAME: falta; con ese nombre se guardan sus mensajes")
	}
	checkRange(add, "VALEBOT_GATEWAY_BUTTONS", c.GatewayButtons, 0, 10)
}

func isShortCode(s string) bool {
	return len(s) >= 3 && len(s) <= 8 && strings.Trim(s, "0123456789") == ""
}

func checkURL(add func(string, ...any), name, value string, required bool) {
	if value == "" {
		if required {
			add("%s: falta", name)
		}
		return
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		add("%s: %q no es una URL http(s) completa", name, value)
	}
}

// checkRedis never repeats the URL, which may hold a password.
func checkRedis(add func(string, ...any), value string) {
	if value == "" {
		return
	}
	if err := redisdb.Check(value); err != nil {
		add("VALEBOT_REDIS_URL: no se entiende (%w); escribe redis://host:6379/0, redis://host,host?cluster=1 o redis+sentinel://host,host/maestro; con rediss, TLS", err)
	}
}

// checkPair asks for a secret where there is a rail, and for long ones wherever
// real money moves: whoever guesses one can post payments. Against stand-ins,
// with live sending off, a short one will do.
func (c *Config) checkPair(add func(string, ...any), name, url string, secret Secret) {
	if url == "" && secret == "" {
		return
	}
	if len(secret.tokens()) == 0 {
		add("%s_SECRET: falta", name)
		return
	}
	if _, err := rail.ParseKeys(string(secret)); err != nil && c.Live {
		add("%s_SECRET: es muy corto; con VALEBOT_LIVE debe tener 16 caracteres o más, y cada uno si son varios", name)
	}
}

func checkRange(add func(string, ...any), name string, value, low, high int) {
	if value < low || value > high {
		add("%s: %d está fuera de %d a %d", name, value, low, high)
	}
}

// tokens splits a secret that may hold several while it is being changed.
func (s Secret) tokens() []string {
	var out []string
	for part := range strings.SplitSeq(string(s), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// files are the files that operators edit, with what the configuration says
// beside them.
func (c *Config) files() Files {
	files := FilesFrom(c.FlowsDir)
	files.Deposit = c.deposit()
	return files
}

// deposit is where borrowers pay in; "" leaves it to the product.
func (c *Config) deposit() mexid.Deposit {
	d, err := mexid.ParseDeposit(c.DepositCLABE)
	if err != nil {
		return "" // Validate tells what is wrong with it
	}
	return d
}

// Dir is the data directory, made up if none is configured.
func (c *Config) Dir() (string, error) {
	if c.DataDir != "" {
		return filepath.Abs(c.DataDir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a home for data (set VALEBOT_DATA_DIR): %w", err)
	}
	return filepath.Join(home, ".local", "share", "valebot"), nil
}

// realService reports whether a URL leads to somebody's real service: anything that is
// not this machine, a private network, or a name without a dot.
func realService(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return true
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate()
	}
	for _, suffix := range []string{".localhost", ".test", ".internal", ".local"} {
		if strings.HasSuffix(host, suffix) {
			return false
		}
	}
	return strings.Contains(host, ".")
}
