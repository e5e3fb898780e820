package understand_test

import "testing"

// intended checks that each text means the intent first, and that none of the
// look-alikes means it at all.
func intended(t *testing.T, name string, texts, alike []string) {
	t.Helper()
	u := spanish(t)
	for _, text := range texts {
		all := u.Read(text, monday()).Intents()
		if len(all) == 0 || all[0].Name != name {
			t.Errorf("%q is %v, want %s", text, all, name)
		}
	}
	for _, text := range alike {
		if u.Read(text, monday()).Has(name) {
			t.Errorf("%q is %s", text, name)
		}
	}
}

func TestIntentOptOut(t *testing.T) {
	t.Parallel()
	intended(t, "opt_out", []string{
		"BAJA",
		"ya no me manden mensajes",
		"quítenme de su lista",
		"no me escriban más",
		"denme de baja por favor",
		"dejen de molestar",
		"borren mi número",
	}, []string{
		"ya di de baja mi número viejo",
		"el cajero está muy alto",
		"no me mandes flores",
		"tengo la presión baja",
		"quiero dar de baja el internet de mi casa",
		"ya no me mandaron el código",
		"me dieron de baja en el IMSS",
	})
}

func TestIntentOptIn(t *testing.T) {
	t.Parallel()
	intended(t, "opt_in", []string{
		"quiero volver a recibir los avisos",
		"denme de alta otra vez",
		"ya pueden escribirme",
	}, []string{
		"no quiero recibir mensajes",
	})
}

func TestIntentHuman(t *testing.T) {
	t.Parallel()
	intended(t, "human", []string{
		"quiero hablar con una persona",
		"pásame con un asesor",
		"me comunica con el encargado",
		"hay alguien que me atienda",
		"no quiero hablar con una máquina",
		"me pueden marcar por favor",
		"agente",
		"solicito una llamada",
		"hablar con el equipo de cobranza",
		"contacto con el departamento de crédito",
		"me puede transferir con alguien",
		"quiero que me atienda una persona real",
	}, []string{
		"ya hablé con la señora",
		"mi gerente no me ha pagado",
		"no quiero hablar",
	})
}

func TestIntentBotChallenge(t *testing.T) {
	t.Parallel()
	intended(t, "bot_challenge", []string{
		"eres un robot?",
		"estoy hablando con una máquina?",
		"eres el bot?",
		"hay una persona del otro lado?",
		"me contesta una computadora",
		"eres de verdad",
	}, []string{
		"el sistema está lento",
		"quiero hablar con un humano",
	})
}

func TestIntentWhoAreYou(t *testing.T) {
	t.Parallel()
	intended(t, "who_are_you", []string{
		"quién eres",
		"de qué empresa me hablan",
		"con quién tengo el gusto",
		"de parte de quién",
	}, []string{
		"no sé quién ganó",
		"soy Rosa",
	})
}

func TestIntentBalance(t *testing.T) {
	t.Parallel()
	intended(t, "balance", []string{
		"cuánto debo",
		"mi saldo",
		"cuánto me falta por pagar",
		"en cuánto va mi deuda",
		"estado de cuenta",
	}, []string{
		"cuánto debo esperar",
		"quiero recargar saldo a mi celular",
	})
}

func TestIntentAlreadyPaid(t *testing.T) {
	t.Parallel()
	intended(t, "already_paid", []string{
		"ya pagué",
		"ya le deposité ayer",
		"ya hice la transferencia",
		"aquí está mi comprobante",
		"ya quedó el pago",
	}, []string{
		"ya casi les pago",
		"no he pagado",
		"ya pago mañana",
		"dios se lo pague",
	})
}

func TestIntentCannotPay(t *testing.T) {
	t.Parallel()
	intended(t, "cannot_pay", []string{
		"no puedo pagar",
		"no tengo dinero",
		"ando sin lana",
		"me quedé sin trabajo",
		"no me alcanza",
		"no completé la quincena",
	}, []string{
		"no puedo entrar a la app",
		"no tengo dudas",
	})
}

func TestIntentPromise(t *testing.T) {
	t.Parallel()
	intended(t, "promise", []string{
		"le pago el viernes",
		"mañana deposito",
		"el lunes que cobro le pago",
		"voy a pagar el 15",
		"me comprometo a pagar el sábado",
	}, []string{
		"cuándo le pago",
		"qué día pago",
		"no le voy a pagar",
	})
}

func TestIntentLater(t *testing.T) {
	t.Parallel()
	intended(t, "later", []string{
		"llámeme después",
		"ahorita estoy ocupada",
		"luego te aviso",
		"en la tarde le marco",
	}, []string{
		"hasta luego",
		"nos vemos al rato",
	})
}

func TestIntentWrongNumber(t *testing.T) {
	t.Parallel()
	intended(t, "wrong_number", []string{
		"número equivocado",
		"no soy esa persona",
		"aquí no vive ninguna Juana",
		"no conozco a esa señora",
		"este ya no es su número",
	}, []string{
		"no es justo",
		"no soy rica",
	})
}

func TestIntentFraud(t *testing.T) {
	t.Parallel()
	intended(t, "fraud", []string{
		"yo no pedí ningún préstamo",
		"usaron mis datos",
		"no reconozco ese cargo",
		"esto es un fraude",
	}, []string{
		"quiero pedir un vale",
	})
}

func TestIntentTrustQuestion(t *testing.T) {
	t.Parallel()
	intended(t, "trust_question", []string{
		"cómo sé que no es una estafa",
		"son confiables?",
	}, []string{
		"apague la estufa",
		"seguro que sí",
	})
}

func TestIntentComplaint(t *testing.T) {
	t.Parallel()
	intended(t, "complaint", []string{
		"me cobraron de más",
		"no me llegó el código",
		"la app no abre",
		"nadie me contesta",
		"qué mal servicio",
		"no hay sistema",
		"el recibo llegó carísimo",
	}, []string{
		"no hay problema",
		"sin problema",
	})
}

func TestIntentDispute(t *testing.T) {
	t.Parallel()
	intended(t, "dispute", []string{
		"esa deuda no es mía",
		"yo no debo nada",
	}, []string{})
}

func TestIntentInsult(t *testing.T) {
	t.Parallel()
	intended(t, "insult", []string{
		"pinches rateros",
		"chinguen a su madre",
		"eres un inútil",
		"me irritas",
		"qué bot tan tonto",
		"me desesperan",
		"vaya porquería",
	}, []string{
		"soy un poco tonta",
		"mi perra ladra",
		"qué padre",
		"estoy molesta",
	})
}

func TestIntentHelp(t *testing.T) {
	t.Parallel()
	intended(t, "help", []string{
		"ayuda",
		"necesito ayuda",
		"me puede ayudar",
		"puedes ayudarme",
		"no sé qué hacer",
	}, []string{
		"no se preocupe",
		"no hay problema",
	})
}

func TestIntentRepeat(t *testing.T) {
	t.Parallel()
	intended(t, "repeat", []string{
		"me lo repite por favor",
		"otra vez",
	}, []string{})
}

func TestIntentGreet(t *testing.T) {
	t.Parallel()
	intended(t, "greet", []string{
		"hola",
		"buenos días",
		"qué onda",
		"hola bot",
		"gusto en saludarte",
	}, []string{
		"hasta mañana",
		"bonita noche",
	})
}

func TestIntentThanks(t *testing.T) {
	t.Parallel()
	intended(t, "thanks", []string{
		"gracias",
		"muchas gracias",
		"te debo una",
		"se lo agradezco",
	}, []string{
		"no gracias",
		"gracias a dios ya pagué",
	})
}

func TestIntentGoodbye(t *testing.T) {
	t.Parallel()
	intended(t, "goodbye", []string{
		"adiós",
		"hasta luego",
		"nos vemos",
		"me despido",
		"que tenga buen día",
	}, []string{
		"tengo que ir a pagar",
		"me voy a atrasar",
	})
}

func TestIntentPaymentDate(t *testing.T) {
	t.Parallel()
	intended(t, "payment_date", []string{
		"cuándo me toca pagar",
		"qué día vence",
		"fecha límite de pago",
	}, []string{})
}

func TestIntentPayIntent(t *testing.T) {
	t.Parallel()
	intended(t, "pay_intent", []string{
		"quiero pagar",
		"dónde deposito",
		"a qué cuenta pago",
	}, []string{
		"no puedo pagar",
		"qué día pago",
	})
}

func TestIntentPaymentHistory(t *testing.T) {
	t.Parallel()
	intended(t, "payment_history", []string{
		"cuánto llevo pagado",
		"mis pagos",
	}, []string{
		"el último día",
	})
}

func TestIntentPaymentPlan(t *testing.T) {
	t.Parallel()
	intended(t, "payment_plan", []string{
		"puedo pagar en partes",
		"quiero un convenio",
		"me hacen un descuento",
	}, []string{
		"algún arreglo del carro",
	})
}

func TestIntentLoanRequest(t *testing.T) {
	t.Parallel()
	intended(t, "loan_request", []string{
		"quiero otro vale",
		"necesito un préstamo",
		"cuánto me prestan",
	}, []string{
		"no quiero otro vale",
	})
}

func TestIntentRequirements(t *testing.T) {
	t.Parallel()
	intended(t, "requirements", []string{
		"qué papeles ocupo",
		"requisitos",
	}, []string{})
}

func TestIntentCancel(t *testing.T) {
	t.Parallel()
	intended(t, "cancel", []string{
		"quiero cancelar",
		"ya no quiero el vale",
		"me arrepentí",
	}, []string{
		"cancelen los mensajes",
		"ya cancelé la deuda",
	})
}

func TestIntentTerms(t *testing.T) {
	t.Parallel()
	intended(t, "terms", []string{
		"info",
		"condiciones",
		"cuánto cobran de interés",
	}, []string{
		"no quiero recibir información",
		"cuánto debo",
	})
}

func TestIntentChange(t *testing.T) {
	t.Parallel()
	intended(t, "change", []string{
		"quiero cambiar el monto",
		"me equivoqué de plazo",
	}, []string{
		"cambié de opinión",
	})
}

func TestIntentNewVale(t *testing.T) {
	t.Parallel()
	intended(t, "new_vale", []string{
		"quiero dar un vale",
		"VALE 6671234567 3000 8",
	}, []string{
		"vale la pena",
		"no quiero dar un vale",
	})
}

func TestNoIntent(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, text := range []string{"llueve mucho", "el perro de mi vecino", "hoy juega el América", "xyz"} {
		if all := u.Read(text, monday()).Intents(); len(all) > 0 {
			t.Errorf("%q is %v", text, all)
		}
	}
}
