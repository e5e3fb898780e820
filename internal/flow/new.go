package flow

import (
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// templates are the flows that people start from, one text file each: what it
// is for, then its parts below lines "-- part --". They are embedded files so
// that whoever writes flows can better them.
//
//go:embed template
var templates embed.FS

// Draft is a new flow with all that belongs to it.
type Draft struct {
	Flow     string // text of NAME.flow.yaml
	Messages string // text of a message file, NAME.yaml, with the group NAME
	Chat     string // text of NAME.chat
}

// Templates lists what New can start from, with what each is for, in Spanish.
func Templates() []Doc {
	var out []Doc
	for _, name := range []string{"pregunta", "aviso", "opciones", "subflujo"} {
		text, err := templateText(name)
		if err != nil {
			panic(err) // the files are embedded
		}
		about, _, _ := strings.Cut(text, "\n")
		out = append(out, Doc{Key: name, Text: about})
	}
	return out
}

func templateText(name string) (string, error) {
	data, err := templates.ReadFile("template/" + name + ".txt")
	return string(data), err
}

// flowName is what a flow may be called: its name goes into file names, message
// keys and the names of WhatsApp templates.
var flowName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// New writes a flow from a template, with messages and conversations that cover
// it. title is a phrase for people; "" leaves one to replace. It fails where
// there is no such template or the name cannot be one.
func New(template, name, title string) (Draft, error) {
	text, err := templateText(template)
	if err != nil {
		var known []string
		for _, d := range Templates() {
			known = append(known, d.Key)
		}
		return Draft{}, fmt.Errorf("there is no template %q; there are %s", template, strings.Join(known, ", "))
	}
	if !flowName.MatchString(name) {
		return Draft{}, fmt.Errorf("%q is no name for a flow: small letters, digits and _, at most 40", name)
	}
	if title == "" {
		title = "Escribe aquí para qué sirve"
	}
	text = strings.NewReplacer("NOMBRE", name, "title: TITULO", "title: "+strconv.Quote(title)).Replace(text)
	return Draft{
		Flow:     schemaLine + "\n" + part(text, "flow"),
		Messages: "# Textos de " + name + ".\n" + part(text, "messages"),
		Chat:     "# Pruebas de " + name + ".\n\n" + part(text, "chat"),
	}, nil
}

func part(text, name string) string {
	_, rest, _ := strings.Cut(text, "\n-- "+name+" --\n")
	body, _, _ := strings.Cut(rest, "\n-- ")
	return strings.TrimRight(body, "\n") + "\n"
}
