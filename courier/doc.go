// Package courier carries files between the platform and others: into folders and
// onto SFTP servers, and back from there. A file arrives whole or not at all, is
// recognised when it is carried again, and is never replaced by another of the same
// name; what was broken off is carried on from where it stopped. What comes in is
// handed out once it lies still, and put away with what became of it.
//
// It knows nothing of what files mean: that is clearing's. Who decides what goes
// where, and remembers that it arrived, is jobs' courier pass.
package courier

import "errors"

// Errors that a caller tells apart. Any other error may go away by itself: the
// network, a full disk, a folder that is missing or closed to us.
var (
	// ErrTaken says that under the name lies another content. Nothing was touched;
	// somebody has to look.
	ErrTaken = errors.New("courier: another content lies under this name")
	// ErrHostKey says that a server showed another key than the pinned one. Nothing was
	// sent to it, and we did not sign in.
	ErrHostKey = errors.New("courier: the server's key is not the pinned one")
	// ErrDigest says that what lies there after the transfer, or what came in, is not
	// what its digest says.
	ErrDigest = errors.New("courier: the content does not match its digest")
	// ErrSettings says that a destination cannot be used as it is described.
	ErrSettings = errors.New("courier: the destination's settings cannot be used")
)
