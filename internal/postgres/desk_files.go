package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// Files lists what people sent in a chat, of the latest so many.
func (s *Store) Files(ctx context.Context, chat uuid.UUID, limit int) ([]casework.File, error) {
	entries, err := s.MediaOf(ctx, chat, limit)
	files := make([]casework.File, len(entries))
	for i, e := range entries {
		files[i] = casework.File{ID: e.ID, Message: e.Message, State: e.State, Type: e.ContentType, Size: e.Size, Reason: e.Reason}
	}
	return files, err
}

const fileSeenSQL = `
select exists (select from media m join inbox i on i.source = m.source and i.source_id = m.source_id join conversation c on c.id = i.conversation_id
where m.id = $1 and c.id = $2 and desk_sees($3, c.owner, c.agent, c.queue))`

// OpenFile reads one file of a chat that the agent may see, and writes down that
// she did. fault.NotFound if it is none.
func (s *Store) OpenFile(ctx context.Context, agent string, chat, id uuid.UUID, now time.Time) (kind string, content []byte, err error) {
	var sees bool
	if err := s.pool.QueryRow(ctx, fileSeenSQL, id, chat, agent).Scan(&sees); err != nil {
		return "", nil, away(fmt.Errorf("find file: %w", err))
	}
	if !sees {
		return "", nil, fault.New(fault.NotFound, "media_absent", "Ese archivo no está.")
	}
	f, err := s.ReadMedia(ctx, "agent:"+agent, id, now)
	return f.ContentType, f.Content, err
}
