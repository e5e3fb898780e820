// Package desk is the agents' web desk at /mesa: who waits for a person and
// why, the chat, the answer, and giving the chat back to the bot.
//
// Pages are plain HTML that works without scripts; the script only brings keys,
// a counter, drafts and fresh lines. Open pages hear by Server-Sent Events when
// what they show is out of date, and bring it themselves. Callers may not assume that a page is up to date
// when it is read: whatever an agent does names the epoch that she saw, and an
// act on a chat that changed hands is refused.
package desk

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/lending"
	"valebot/internal/statement"
)

// Accounts are the people of the desk and their sessions.
type Accounts interface {
	// AgentNamed reads an agent by login; ok is false if there is none.
	AgentNamed(ctx context.Context, login string) (p casework.Person, ok bool, err error)
	// OpenSession keeps a session.
	OpenSession(ctx context.Context, s casework.Session) error
	// SessionOf reads a live session by the hash of its token; with moves it
	// then lives until the given time. Its times are real ones.
	SessionOf(ctx context.Context, hash [32]byte, now, until time.Time, moves bool) (s casework.Session, ok bool, err error)
	// LoginWait counts a try to log in, or tells how long to wait.
	LoginWait(ctx context.Context, wall time.Time, gates []casework.Gate) (time.Duration, error)
	// SecondFactor reads an agent's secret, and the one offered to her.
	SecondFactor(ctx context.Context, login string) (secret, offered string, err error)
	// OfferSecond keeps a secret until she confirms it.
	OfferSecond(ctx context.Context, login, secret string) error
	// ConfirmSecond puts the offered secret in force.
	ConfirmSecond(ctx context.Context, login string, step int64, recovery [][]byte, now time.Time) error
	// DropSecond takes it away.
	DropSecond(ctx context.Context, login, by string, now time.Time) error
	// UseStep and UseRecovery take a code once.
	UseStep(ctx context.Context, login string, step int64) (bool, error)
	UseRecovery(ctx context.Context, login string, hash []byte) (bool, error)
	// CloseSession ends a session.
	CloseSession(ctx context.Context, hash [32]byte) error
}

// Chats reads what the desk shows.
type Chats interface {
	// Queues counts who waits, and the agent's own chats.
	Queues(ctx context.Context, agent string) (waiting []casework.Tally, mine int, err error)
	// CasesWaiting lists a queue, or all for "", the most urgent and oldest first.
	CasesWaiting(ctx context.Context, agent, queue string) ([]casework.Case, error)
	// CasesOf lists the chats that an agent has.
	CasesOf(ctx context.Context, agent string) ([]casework.Case, error)
	// Case reads one chat that the agent may see, or returns fault.NotFound.
	Case(ctx context.Context, agent string, id uuid.UUID) (casework.Case, error)
	// Thread reads the last lines of a chat and the steps that led there.
	Thread(ctx context.Context, c casework.Case, limit int) ([]casework.Entry, []casework.Step, error)
	// Panel reads what a person owes; empty for uuid.Nil.
	Panel(ctx context.Context, person uuid.UUID, key string, now time.Time) (casework.Panel, error)
	// Files lists what people sent in a chat; OpenFile reads one of a chat that
	// the agent may see, and notes that she did.
	Files(ctx context.Context, chat uuid.UUID, limit int) ([]casework.File, error)
	OpenFile(ctx context.Context, agent string, chat, id uuid.UUID, now time.Time) (kind string, content []byte, err error)
	// Pulse boils down what the list and some chats show, to tell whether a page
	// is out of date. writing is since when a draft says that somebody writes.
	Pulse(ctx context.Context, chats []uuid.UUID, writing time.Time) (board string, open map[uuid.UUID]string, err error)
	// Drafts reads who has a draft in a chat; the text only of the agent's own.
	Drafts(ctx context.Context, chat uuid.UUID, agent string) ([]casework.Draft, error)
}

// Finder looks for people and what they have.
type Finder interface {
	// Search finds what the agent may see, and notes that she looked.
	Search(ctx context.Context, agent string, q casework.Query, now time.Time) ([]casework.Hit, error)
}

// Petitions reads what people complained of and asked for. Who may not see a
// chat sees nothing of what was asked in it.
type Petitions interface {
	// Complaints lists those that are open or were closed lately, by their clock.
	Complaints(ctx context.Context, agent string, now time.Time) ([]casework.Complaint, error)
	// ComplaintAt reads one with its answer, or returns fault.NotFound.
	ComplaintAt(ctx context.Context, agent string, id uuid.UUID, now time.Time) (casework.Complaint, error)
	// Requests lists the open ones of a kind, or of all for "", by deadline.
	Requests(ctx context.Context, agent string, kind lending.RequestKind) ([]casework.Request, error)
	// Petitions counts them for the rail.
	Petitions(ctx context.Context, agent string) (requests []casework.KindTally, complaints casework.KindTally, err error)
}

// Treasury reads the money that waits for a person.
type Treasury interface {
	// Funds lists it, and notes that the agent looked.
	Funds(ctx context.Context, agent string, now time.Time) (casework.Funds, error)
	// Statement reads a relación by reference or folio, noting who did, or returns
	// fault.NotFound.
	Statement(ctx context.Context, actor, reference string, now time.Time) (statement.Statement, error)
}

// Deeds runs the named actions of the lending core, the same that flows call.
type Deeds interface {
	// Act runs one; its cause names the form, and everything leaves an audit row.
	Act(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error)
}

// Flows shows the conversations that operators write, and changes them in an
// agent's name.
type Flows interface {
	// Flows lists them, with what goes wrong and what could be published.
	Flows(ctx context.Context) (casework.FlowsPage, error)
	// Flow shows one, or returns fault.NotFound.
	Flow(ctx context.Context, name string) (casework.FlowPage, error)
	// Drawing is a picture of one, SVG.
	Drawing(ctx context.Context, name string) (string, error)
	// Publish proposes the files of this machine and says what became of it.
	Publish(ctx context.Context, agent, note string) (string, error)
	// Approve puts what waits in force, for who is not its author.
	Approve(ctx context.Context, agent string) (string, error)
	// Rollback puts the version of a flow before the one in force back.
	Rollback(ctx context.Context, agent, name, note string) (string, error)
	// Meanings lists what a text can be taught to mean.
	Meanings(ctx context.Context) ([]casework.Meaning, error)
	// Check tells which texts a lesson would make the bot read wrongly.
	Check(ctx context.Context, l casework.Lesson) ([]casework.Clash, error)
	// Accept puts a lesson in force for who is not its author.
	Accept(ctx context.Context, l casework.Lesson, by string) (string, error)
}

// Lessons keeps what the desk teaches the bot.
type Lessons interface {
	// Propose keeps a lesson until a second person decides.
	Propose(ctx context.Context, l casework.Lesson) error
	// Lessons lists those of a state.
	Lessons(ctx context.Context, state casework.LessonState) ([]casework.Lesson, error)
	// Lesson reads one, or returns fault.NotFound.
	Lesson(ctx context.Context, id uuid.UUID) (casework.Lesson, error)
	// Decide accepts or refuses one, for who is not its author.
	Decide(ctx context.Context, id uuid.UUID, by string, state casework.LessonState, now time.Time) error
}

// Acts change chats. All refuse with fault.Conflict what somebody else was
// faster with, and leave a line in the audit.
type Acts interface {
	// Claim takes a chat.
	Claim(ctx context.Context, act casework.Act) error
	// ClaimNext takes the chat that is due next; ok is false if nobody waits.
	ClaimNext(ctx context.Context, act casework.Act, queue string) (id uuid.UUID, ok bool, err error)
	// Reply sends a text, claiming the chat if nobody has it.
	Reply(ctx context.Context, act casework.Act, text string) error
	// Annotate keeps a note that is never sent.
	Annotate(ctx context.Context, act casework.Act, text string) error
	// KeepDraft keeps what an agent has written so far; "" forgets it.
	KeepDraft(ctx context.Context, chat uuid.UUID, agent, text string, wall time.Time) error
	// Return gives a chat to the bot by an event for the engine.
	Return(ctx context.Context, act casework.Act, outcome casework.Outcome) error
	// Release puts a chat back in its queue.
	Release(ctx context.Context, act casework.Act) error
	// ReleaseAll puts all chats of an agent back: the end of a shift.
	ReleaseAll(ctx context.Context, act casework.Act) error
	// ReleaseAbsent puts back the chats of agents without a live session.
	ReleaseAbsent(ctx context.Context, now, wall time.Time) (int, error)
	// Witness notes that personal data was read.
	Witness(ctx context.Context, act casework.Act, action, detail string) error
}

// Store is what the desk needs of the database.
type Store interface {
	Accounts
	Chats
	Petitions
	Treasury
	Finder
	Lessons
	Acts
}

// Passwords verifies and hashes passwords of agents.
type Passwords interface {
	// VerifyPassword takes the same time for a wrong password and for no hash.
	VerifyPassword(encoded, password string) bool
	HashPassword(password string) string
}

// Config is how a desk works.
type Config struct {
	Store     Store
	Deeds     Deeds
	Flows     Flows
	Share     func()           // tells the other nodes to look again; may be nil and must not block
	Wake      func()           // tells the engine and the outbox that there may be work
	Now       func() time.Time // the product's clock
	Wall      func() time.Time // the real one, for sessions and the limits of the login; nil = time.Now
	Passwords Passwords
	Proxies   []netip.Prefix // whose X-Forwarded-For tells who connects
	PublicURL string         // decides whether the cookie needs https
	Log       *slog.Logger
}

// Desk serves the pages.
type Desk struct {
	cfg     Config
	pages   pages
	secure  bool // the cookie needs https
	slots   slots
	watch   *watch
	origins *http.CrossOriginProtection
}

// New makes a desk. It fails if the public URL cannot be read.
func New(cfg Config) (*Desk, error) {
	public, err := url.Parse(cfg.PublicURL)
	if err != nil || public.Host == "" {
		return nil, fmt.Errorf("read public url: %q is not an address", cfg.PublicURL)
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	origins := http.NewCrossOriginProtection()
	if err := origins.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("trust public url: %w", err)
	}
	return &Desk{cfg: cfg, pages: pages, secure: !local(public), slots: newSlots(), watch: newWatch(), origins: origins}, nil
}

// local reports an address that only this machine's browser can have.
func local(u *url.URL) bool {
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return u.Scheme == "http"
	}
	return false
}

// Handler serves /mesa and everything below it.
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mesa/archivos/{name}", d.asset)
	mux.Handle("GET /mesa/entrar", d.open(d.loginPage))
	mux.Handle("POST /mesa/entrar", d.open(d.login))
	mux.Handle("POST /mesa/salir", d.session(d.logout))
	mux.Handle("GET /mesa", d.session(d.board))
	mux.Handle("GET /mesa/{$}", d.session(d.board))
	mux.Handle("POST /mesa/siguiente", d.session(d.next))
	mux.Handle("GET /mesa/c/{id}", d.session(d.thread))
	mux.Handle("GET /mesa/c/{id}/archivo/{file}", d.session(d.file))
	mux.Handle("POST /mesa/c/{id}/tomar", d.session(d.claim))
	mux.Handle("POST /mesa/c/{id}/responder", d.session(d.reply))
	mux.Handle("POST /mesa/c/{id}/nota", d.session(d.annotate))
	mux.Handle("POST /mesa/c/{id}/devolver", d.session(d.giveBack))
	mux.Handle("POST /mesa/c/{id}/soltar", d.session(d.release))
	mux.Handle("POST /mesa/c/{id}/telefono", d.session(d.reveal))
	mux.Handle("POST /mesa/c/{id}/accion/{deed}", d.session(d.deed))
	mux.Handle("GET /mesa/quejas", d.session(d.complaints))
	mux.Handle("GET /mesa/quejas/{id}", d.session(d.complaint))
	mux.Handle("POST /mesa/quejas/{id}/resolver", d.session(d.resolve))
	mux.Handle("GET /mesa/flujos", d.session(d.flows))
	mux.Handle("POST /mesa/flujos/publicar", d.session(leading(d.publish)))
	mux.Handle("POST /mesa/flujos/aprobar", d.session(leading(d.approve)))
	mux.Handle("GET /mesa/flujos/{flow}", d.session(d.flow))
	mux.Handle("GET /mesa/flujos/{flow}/dibujo.svg", d.session(d.drawing))
	mux.Handle("POST /mesa/flujos/{flow}/regresar", d.session(leading(d.rollback)))
	mux.Handle("GET /mesa/ensenar", d.session(d.lesson))
	mux.Handle("POST /mesa/ensenar", d.session(d.propose))
	mux.Handle("GET /mesa/ensenanzas", d.session(d.lessons))
	mux.Handle("POST /mesa/ensenanzas/{id}", d.session(leading(d.decide)))
	mux.Handle("GET /mesa/seguridad", d.session(d.security))
	mux.Handle("GET /mesa/seguridad/codigo.png", d.session(d.barcode))
	mux.Handle("POST /mesa/seguridad/activar", d.session(d.confirm))
	mux.Handle("POST /mesa/seguridad/quitar", d.session(d.drop))
	mux.Handle("GET /mesa/buscar", d.session(d.search))
	mux.Handle("POST /mesa/buscar", d.session(d.search))
	mux.Handle("GET /mesa/solicitudes", d.session(d.requests))
	mux.Handle("GET /mesa/dinero", d.session(overseeing(d.funds)))
	mux.Handle("POST /mesa/dinero/depositos/{id}/{que}", d.session(leading(d.deposit)))
	mux.Handle("POST /mesa/dinero/ajustes/{id}/{que}", d.session(leading(d.correction)))
	mux.Handle("POST /mesa/dinero/vales/{id}/{que}", d.session(leading(d.review)))
	mux.Handle("GET /mesa/dinero/relacion/{reference}", d.session(overseeing(d.relacion)))
	mux.Handle("POST /mesa/c/{id}/borrador", d.session(d.draft))
	mux.Handle("GET /mesa/vivo", d.session(d.stream))
	mux.Handle("/mesa/", d.session(d.nowhere))
	return guarded(d.origins.Handler(http.MaxBytesHandler(mux, maxBody)))
}

// maxBody is more than the longest text takes as a form.
const maxBody = 32 << 10

// guarded sets the headers that every page has.
func guarded(next http.Handler) http.Handler {
	const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
