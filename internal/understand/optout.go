package understand

// Stop is what a message that is nothing but a stop word asks for.
type Stop uint8

// The stop words. They count only as the whole message: "ya di de baja mi número
// viejo" asks for nothing.
const (
	StopNone   Stop = iota
	StopOut         // BAJA, STOP, ALTO…: obey at once
	StopIn          // ALTA, START, UNSTOP: write again
	StopCancel      // CANCELAR, SALIR, FIN: cancels the step inside a flow, opts out outside
)

// maxStop is longer than the longest stop phrase.
const maxStop = 24

// Stop applies the exact rule for opting out: the whole message, without accents,
// case and punctuation, is one of the listed phrases.
func (r Reading) Stop() Stop {
	if r.tok.odd || r.tok.cut {
		return StopNone
	}
	var buf [maxStop]byte
	out := buf[:0]
	for _, c := range r.text {
		class, folded, _ := foldRune(c)
		switch class {
		case classLetter, classDigit:
			if folded == 0 {
				folded = byte(c)
			}
			out = append(out, folded)
		case classSpace:
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		case classForeign, classOverride, classSymbol:
			return StopNone
		}
		if len(out) >= maxStop {
			return StopNone
		}
	}
	for len(out) > 0 && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return stopWord(string(out))
}

func stopWord(s string) Stop {
	switch s {
	case "stop", "stopall", "alto", "baja", "darme de baja", "cancelar suscripcion", "unsubscribe",
		"end", "quit", "revoke", "optout", "no mas mensajes":
		return StopOut
	case "start", "alta", "unstop":
		return StopIn
	case "cancelar", "cancel", "salir", "fin":
		return StopCancel
	}
	return StopNone
}

// OptOut reports a message that must stop all messages at once.
func (r Reading) OptOut() bool { return r.Stop() == StopOut }

// OptIn reports a message that allows messages again.
func (r Reading) OptIn() bool { return r.Stop() == StopIn }
