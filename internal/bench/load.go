package bench

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Load says where the machine's time went, in percent of all cores. It is zero
// where the system does not tell.
type Load struct {
	Busy float64 `json:"busy_percent"` // all programs
	Ours float64 `json:"ours_percent"` // the program, the stand-in and the load generator
}

// watch is a measurement under way.
type watch struct {
	at         time.Time
	ours       time.Duration
	busy, idle float64 // ticks since the machine started
}

func watchLoad() watch {
	w := watch{at: time.Now(), ours: ownTime()}
	w.busy, w.idle = machineTicks()
	return w
}

func (w watch) stop() Load {
	busy, idle := machineTicks()
	all := busy - w.busy + idle - w.idle
	if all <= 0 {
		return Load{}
	}
	share := (busy - w.busy) / all
	cores := all / 100 / time.Since(w.at).Seconds() // a tick is a hundredth of a second on Linux
	return Load{
		Busy: 100 * share,
		Ours: 100 * (ownTime() - w.ours).Seconds() / time.Since(w.at).Seconds() / cores,
	}
}

// ownTime is the processor time that this process has used.
func ownTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// machineTicks reads the first line of /proc/stat: user, nice, system, idle,
// iowait and so on.
func machineTicks() (busy, idle float64) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	return parseTicks(string(text))
}

func parseTicks(text string) (busy, idle float64) {
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	for i, field := range fields[min(1, len(fields)):] {
		ticks, err := strconv.ParseFloat(field, 64)
		switch {
		case err != nil || i > 7: // guest time is part of user time
		case i == 3 || i == 4:
			idle += ticks
		default:
			busy += ticks
		}
	}
	return busy, idle
}
