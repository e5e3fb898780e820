package lending

import (
	"testing"

	"github.com/google/uuid"

	"valebot/internal/fault"
)

func TestLanguageTag(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "es": "", "es-MX": "", "en": "en", "en-US": "en-US"} {
		if got, err := languageTag(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"EN", "english", "e", "en_US", "en-us", "../x", "en'"} {
		if _, err := languageTag(in); fault.CodeOf(err) != "language" {
			t.Errorf("%q is taken for a language: %v", in, err)
		}
	}
}

// Of a person of whom nothing is known, Spanish is spoken; of one who is not
// loaded, that is said.
func TestLanguageOfWhomWeDoNotKnow(t *testing.T) {
	t.Parallel()
	c := Actions(Settings{})
	if got, err := c.Language(NewBook(), uuid.Nil); got != "" || err != nil {
		t.Errorf("nobody: %q, %v", got, err)
	}
	if _, err := c.Language(NewBook(), uuid.New()); err == nil {
		t.Error("a person who is not loaded has a language")
	}
}
