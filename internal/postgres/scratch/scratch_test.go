package scratch_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/postgres/scratch"
	"valebot/internal/vault"
)

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A scratch database has the newest schema, conversations can be begun and
// forgotten in it, and it is gone afterwards even while somebody is connected.
func TestLife(t *testing.T) {
	t.Parallel()
	server := pgtest.Open(t, nil, nil)
	d, err := scratch.Create(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), d.URL, v, engine.NewID)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	for i, c := range []message.Channel{message.SMS, message.WhatsApp} {
		who := scratch.Contact{Key: "tel:" + string(c), Person: uuid.New(), Channel: c, Address: "+525500000001"}
		if err := scratch.Meet(t.Context(), s, who, at); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d.URL, `select count(*) from conversation where last_wa_in_at is not null`); n != i {
			t.Errorf("after %s, %d windows are open", c, n)
		}
	}
	if err := scratch.Clear(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d.URL, `select count(*) from conversation`); n != 0 {
		t.Errorf("%d conversations are left", n)
	}
	if err := d.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), d.URL); err == nil {
		t.Error("it is still there")
	}
}

func TestCreateRefusesWhatIsNoServer(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"", "mysql://h/x", "host=h dbname=x", "postgres://%zz"} {
		if _, err := scratch.Create(t.Context(), server); err == nil {
			t.Errorf("%q is taken", server)
		}
	}
}
