package lending

// reserved makes sure that a folio of the series can be taken without loading
// anything, and takes none.
func (b *Book) reserved(series string) error {
	key := Key{KindNextFolio, series}
	ids, err := b.list(key)
	if err == nil && len(ids) == 0 {
		b.missing[key] = struct{}{}
		return ErrMissing
	}
	return err
}
