package understand_test

import "testing"

// Signs of a pattern: all forms of a verb, and those that ask or forbid.
func TestVerbsInPatterns(t *testing.T) {
	t.Parallel()
	_, u := small(t, "intents:\n  - {name: aviso, patterns: [no me llamar!]}\n  - {name: charla, patterns: [conversar+ con ella]}\n")
	for text, want := range map[string]string{
		"no me llamen":                "aviso",
		"no me llames más":            "aviso",
		"favor de no me llamar":       "aviso",
		"no me llamaron":              "",
		"no me llama nadie":           "",
		"no me llamo Juana":           "",
		"conversé con ella":           "charla",
		"estuve conversando con ella": "charla",
		"conversen con ella":          "charla",
		"quiero conversarlo con ella": "charla",
		"conversación con ella":       "",
		"conversa con él":             "",
	} {
		got := ""
		if all := u.Read(text, monday()).Intents(); len(all) > 0 {
			got = all[0].Name
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// The many forms of a verb draw no misspelling to themselves: they are read as
// they stand, while a word that the lexicon lists is repaired.
func TestVerbFormsAreNotGuessed(t *testing.T) {
	t.Parallel()
	_, u := small(t, "common: [caminado]\nintents:\n  - {name: paseo, patterns: [caminar+]}\n  - {name: orden, patterns: [adelante]}\n")
	for text, want := range map[string]bool{
		"caminaron":  true,
		"caminando":  true,
		"caminandi":  false, // a slip of a form
		"kaminaron":  false, // the sound of a form
		"caminado":   true,
		"kaminado":   true, // listed as a word, and so repaired
		"adelamte":   false,
		"caminarlos": false, // no form that is listed
	} {
		if got := u.Read(text, monday()).Has("paseo"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if !u.Read("adelamte", monday()).Has("orden") {
		t.Error("a listed word is no longer repaired")
	}
}
