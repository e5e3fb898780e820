package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"valebot/internal/fault"
)

var errLine = fault.New(fault.Limited, "line_exceeded", "La línea no alcanza.")

func TestWrappedFaultKeepsKindCodeAndText(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("authorise vale: %w", errLine.Because(io.ErrUnexpectedEOF))
	if got := fault.KindOf(err); got != fault.Limited {
		t.Errorf("KindOf = %v, want limited", got)
	}
	if got := fault.CodeOf(err); got != "line_exceeded" {
		t.Errorf("CodeOf = %q", got)
	}
	if got := fault.TextOf(err); got != "La línea no alcanza." {
		t.Errorf("TextOf = %q", got)
	}
	if !errors.Is(err, errLine) {
		t.Error("errors.Is does not find the declared fault behind Because")
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("the log text lacks the cause: %q", err)
	}
}

func TestUnknownErrorIsInternalAndSaysNothing(t *testing.T) {
	t.Parallel()
	err := errors.New("pq: password of ana is 4821")
	if fault.KindOf(err) != fault.Internal || fault.CodeOf(err) != "internal" {
		t.Errorf("unknown error is %v/%s", fault.KindOf(err), fault.CodeOf(err))
	}
	if strings.Contains(fault.TextOf(err), "4821") {
		t.Error("the text for people leaks the error")
	}
}

func TestFaultsWithOtherCodesDiffer(t *testing.T) {
	t.Parallel()
	other := fault.Newf(fault.Limited, "cap", "tope %d", 3)
	if errors.Is(other, errLine) {
		t.Error("two codes are taken for one")
	}
	if other.Text != "tope 3" {
		t.Errorf("Text = %q", other.Text)
	}
}

func TestKindNames(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]string{
		fault.Internal: "internal", fault.Invalid: "invalid", fault.NotFound: "not_found", fault.Conflict: "conflict",
		fault.Denied: "denied", fault.Limited: "limited", fault.Unavailable: "unavailable", fault.Kind(99): "internal",
	} {
		if got := kind.String(); got != want {
			t.Errorf("Kind(%d) = %q, want %q", int(kind), got, want)
		}
	}
}
