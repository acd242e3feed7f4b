package base

import (
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// Tags are the published tags of the image's repository, sorted.
func (i *Image) Tags() (tags []string) {
	prefix := table.Tag + i.name + ":"
	facts.Range(prefix, func(key, _ string) bool {
		tags = append(tags, strings.TrimPrefix(key, prefix))
		return true
	})
	return tags
}
