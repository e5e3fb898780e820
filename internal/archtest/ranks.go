package archtest

import "strings"

// lastLeaf is the highest rank whose packages only decide.
const lastLeaf = 3

// Row gives one package, or one package and all below it, its place.
type Row struct {
	Path     string // "internal/flow"; with a final "/..." for a whole tree
	Rank     int
	Family   string // packages of one family may import each other
	TestOnly bool   // may be imported by tests alone
	DataOnly bool   // holds embed.go and nothing else
}

// Ranks is the table of the house. A package imports only packages of a lower
// rank. The first row that fits counts.
func Ranks() []Row {
	return []Row{
		// Below everything: packages of rank 0 say with it why they refuse.
		{Path: "internal/fault", Rank: -1},

		{Path: "flows", Rank: 0, DataOnly: true},
		{Path: "locales", Rank: 0, DataOnly: true},
		{Path: "migrations", Rank: 0, DataOnly: true},
		{Path: "internal/gsm7", Rank: 0},
		{Path: "internal/mexid", Rank: 0},
		{Path: "internal/money", Rank: 0},
		{Path: "internal/pace", Rank: 0},
		{Path: "internal/quincena", Rank: 0},
		{Path: "internal/source", Rank: 0},

		{Path: "internal/ledger", Rank: 1},
		{Path: "internal/message", Rank: 1},
		{Path: "internal/understand", Rank: 1},

		{Path: "internal/loan", Rank: 2},
		{Path: "internal/tariff", Rank: 2},
		{Path: "internal/locale", Rank: 2}, // renders for the channels that message names
		{Path: "internal/understand/evaluate", Rank: 2},

		{Path: "internal/flow/...", Rank: 3, Family: "flow"},

		{Path: "internal/lending", Rank: 4},
		{Path: "internal/vault", Rank: 4},

		{Path: "internal/casework", Rank: 5},
		{Path: "internal/channel", Rank: 5}, // what the adapters of all providers share
		{Path: "internal/clockwork", Rank: 5},
		{Path: "internal/engine", Rank: 5},
		{Path: "internal/outbox", Rank: 5},
		{Path: "internal/rail", Rank: 5},
		{Path: "internal/statement", Rank: 5},

		{Path: "internal/postgres/pgtest", Rank: 6, Family: "postgres", TestOnly: true},
		{Path: "internal/postgres/...", Rank: 6, Family: "postgres"},
		{Path: "internal/redisdb", Rank: 6},
		{Path: "internal/channel/channeltest", Rank: 6, TestOnly: true},
		{Path: "internal/channel/gateway", Rank: 6},
		{Path: "internal/channel/twilio", Rank: 6},
		{Path: "internal/channel/whatsapp", Rank: 6},
		{Path: "internal/rail/atm", Rank: 6},
		{Path: "internal/rail/cash", Rank: 6},
		{Path: "internal/rail/deposit", Rank: 6},
		{Path: "internal/rail/spei", Rank: 6},
		{Path: "internal/rail/stp", Rank: 6},
		{Path: "internal/web/api", Rank: 6},
		{Path: "internal/web/desk", Rank: 6},
		{Path: "internal/web/office", Rank: 6},
		{Path: "internal/sheet", Rank: 6},
		{Path: "internal/sandbox/...", Rank: 6, Family: "sandbox"},

		{Path: "internal/app", Rank: 7},
		{Path: "internal/life", Rank: 7},
		{Path: "internal/replay", Rank: 7},
		{Path: "internal/bench", Rank: 8},

		{Path: "cmd/valebot", Rank: 9},
		{Path: "internal/archtest", Rank: 9},
	}
}

// find returns the first row for the path. A package without a family is alone
// in its own.
func find(ranks []Row, path string) (Row, bool) {
	for _, r := range ranks {
		tree, isTree := strings.CutSuffix(r.Path, "/...")
		if r.Path == path || isTree && (tree == path || strings.HasPrefix(path, tree+"/")) {
			if r.Family == "" {
				r.Family = path
			}
			return r, true
		}
	}
	return Row{}, false
}
