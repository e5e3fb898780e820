package main

import (
	"fmt"
	"time"

	"valebot/internal/mexid"
	"valebot/internal/sandbox/terminal"
)

type chatCmd struct {
	Phone  string        `arg:"" name:"teléfono" help:"El teléfono que juegas, a 10 cifras."`
	Server string        `default:"http://localhost:8090" env:"VALEBOT_CHAT_SERVER" help:"Página de teléfonos de la demo."`
	Once   string        `help:"Manda este mensaje, espera la respuesta y termina."`
	Wait   time.Duration `default:"5s" help:"Cuánto se espera una respuesta, con --once o con la entrada de un archivo."`
	Quiet  time.Duration `hidden:"" default:"700ms" help:"Qué pausa da por terminada una respuesta."`
}

// Help shows two real uses.
func (chatCmd) Help() string {
	return `Ejemplos:
  valebot chat 6671234567
  valebot chat 6670000001 --once "VALE 6671234567 3000 8"

Lo que empieza con / es para la demo: /reloj 3h, /reloj 1d, /reloj quincena, /whatsapp, /sms, /cajero CLAVE, /salir`
}

// Run plays a phone: what is typed goes out, what the bot says comes in.
func (c *chatCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return misuse("teléfono: %w", err)
	}
	t, err := terminal.Open(e.ctx, terminal.Options{
		Server: c.Server, Phone: phone, Out: e.out, Colour: e.colour(), Wait: c.Wait, Quiet: c.Quiet,
	})
	if err != nil {
		return err
	}
	if c.Once != "" {
		return t.Once(e.ctx, c.Once)
	}
	typed := isTerminal(e.in)
	if typed {
		fmt.Fprintf(e.out, "teléfono %s · escribe y Enter; /salir termina\n", phone.Pretty())
	}
	return t.Talk(e.ctx, e.in, !typed)
}
