package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	// A postmaster that lives shorter than this several times in a row will not
	// get better by being started again.
	shortLife     = 10 * time.Second
	maxShortLives = 3
)

// supervise keeps an owned server alive until Stop. A postmaster that was
// killed comes back at the same socket, so that connection pools recover by
// themselves.
func (s *Server) supervise(c cluster, p *process) {
	defer close(s.done)
	defer s.release()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	born, short := time.Now(), 0
	for {
		select {
		case <-s.quit:
			s.err = p.stop(s.stopCtx)
			s.log.Info("private postgres stopped", slog.Int("pid", p.pid))
			return
		case <-p.exited:
		}
		if short = countShort(short, time.Since(born)); short >= maxShortLives {
			s.err = fmt.Errorf("postgres keeps ending: %w", p.failure())
			s.log.Error("private postgres given up", slog.Any("error", s.err))
			return
		}
		s.log.Error("private postgres ended, starting it again", slog.Any("error", p.failure()))
		var err error
		if p, err = c.boot(ctx); err != nil {
			if !errors.Is(err, context.Canceled) {
				s.err = err
				s.log.Error("private postgres did not come back", slog.Any("error", err))
			}
			return
		}
		born = time.Now()
	}
}

func countShort(before int, life time.Duration) int {
	if life >= shortLife {
		return 0
	}
	return before + 1
}
