package lending

import (
	"regexp"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/mexid"
)

func languageUses() []use {
	plain := flow.ActionSpec{Outcomes: []string{"ok", outcomeError}}
	return []use{
		{"language.english", plain, func(a *act) (Result, error) { return a.speak("en") }},
		{"language.spanish", plain, func(a *act) (Result, error) { return a.speak("") }},
		{"person.language", flow.ActionSpec{
			With:     flow.Fields{"telefono": flow.Phone, "idioma": flow.Text},
			Outcomes: []string{"changed", "unchanged"}, Result: flow.Fields{"id": flow.Text, "cambios": flow.Text},
		}, (*act).personLanguage},
	}
}

// speak notes in which language the conversation's person wants to be written to.
func (a *act) speak(language string) (Result, error) {
	p, err := a.b.Person(a.Person)
	if err != nil {
		return Result{}, err
	}
	a.about(KindPerson, p.ID)
	if p.Language != language {
		p.Language = language
		a.b.PutPerson(p)
	}
	return say("ok")
}

// personLanguage is speak for a list: of the person with a phone.
func (a *act) personLanguage() (Result, error) {
	language, err := languageTag(a.text("idioma"))
	if err != nil {
		return Result{}, err
	}
	phone, err := mexid.ParsePhone(a.text("telefono"))
	if err != nil {
		return Result{}, err
	}
	p, ok, err := a.b.PersonByPhone(string(phone))
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, fault.New(fault.NotFound, "no_such_person", "No conocemos a nadie con ese teléfono.")
	}
	a.about(KindPerson, p.ID)
	var c changes
	c.see("idioma", spoken(p.Language), spoken(language))
	if len(c.words) > 0 {
		p.Language = language
		a.b.PutPerson(p)
	}
	return c.result(p.ID.String())
}

// firstLanguage is what everybody is written to in who did not ask for another.
const firstLanguage = "es-MX"

// languageShape is how languages are named, as the folders of messages are.
var languageShape = regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`)

// languageTag reads the name of a language; Spanish of any kind is ours, "".
func languageTag(text string) (string, error) {
	switch text {
	case "", "es", firstLanguage:
		return "", nil
	}
	if !languageShape.MatchString(text) {
		return "", fault.New(fault.Invalid, "language", "El idioma se escribe con sus dos letras: es o en.")
	}
	return text, nil
}

func spoken(language string) string {
	if language == "" {
		return firstLanguage
	}
	return language
}

// Language is the language in which a person wants to be written to, named as
// the folder of its messages; "" is the first one, and that of a person of whom
// nothing is known. The error is ErrMissing where she must be loaded first.
func (c Catalog) Language(b *Book, person uuid.UUID) (string, error) {
	if person == uuid.Nil {
		return "", nil
	}
	p, err := b.Person(person)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return p.Language, err
}
