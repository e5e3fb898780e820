package locale_test

import (
	"os"
	"testing"

	"valebot/internal/locale"
	"valebot/locales"
)

func TestShippedMessages(t *testing.T) {
	t.Parallel()
	_, problems := locale.Load(locales.FS)
	for _, p := range problems {
		p.Print(os.Stderr)
		t.Error(p.Code)
	}
}
