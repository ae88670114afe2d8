package courier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// patience is how long a server may be silent in the middle of something.
const patience = 20 * time.Second

// Server is an SFTP server of somebody else.
type Server struct {
	Address string // host:port
	User    string
	// HostKey is the key that the server must show, as in a known_hosts file without the
	// name: "ssh-ed25519 AAAA…".
	HostKey string
	// PrivateKey signs us in: PEM, not encrypted.
	PrivateKey string
	// Out and In are folders of the server; relative ones are below the user's home.
	Out, In string
}

// Dial opens connections; production gives net.Dialer's.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Check says what is wrong with the description of a server, without asking the server
// and without our key.
func (s Server) Check() error {
	_, err := s.pinned()
	return err
}

// pinned reads the server's key, where the rest of the description is good.
func (s Server) pinned() (ssh.PublicKey, error) {
	if host, port, err := net.SplitHostPort(s.Address); err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("%w: address is host:port, not %q", ErrSettings, s.Address)
	}
	if s.User == "" {
		return nil, fmt.Errorf("%w: user is missing", ErrSettings)
	}
	pinned, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKey))
	if err != nil {
		return nil, fmt.Errorf("%w: host_key is a public key such as \"ssh-ed25519 AAAA…\"", ErrSettings)
	}
	return pinned, nil
}

func (s Server) config() (*ssh.ClientConfig, error) {
	pinned, err := s.pinned()
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey([]byte(s.PrivateKey))
	if err != nil {
		return nil, fmt.Errorf("%w: private_key is a PEM key without a passphrase", ErrSettings)
	}
	return &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, Timeout: patience,
		HostKeyAlgorithms: algorithmsOf(pinned),
		HostKeyCallback: func(_ string, _ net.Addr, shown ssh.PublicKey) error {
			if string(shown.Marshal()) != string(pinned.Marshal()) {
				return fmt.Errorf("%w: it showed %s, pinned is %s", ErrHostKey, ssh.FingerprintSHA256(shown), ssh.FingerprintSHA256(pinned))
			}
			return nil
		},
	}, nil
}

// algorithmsOf asks the server for the kind of key that is pinned, because it may have several.
func algorithmsOf(pinned ssh.PublicKey) []string {
	if pinned.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{pinned.Type()}
}

// SFTP connects to a server. The connection ends with ctx, and when the server is
// silent for long.
func SFTP(ctx context.Context, s Server, dial Dial) (*Box, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	raw, err := dial(ctx, "tcp", s.Address)
	if err != nil {
		return nil, fmt.Errorf("courier: %s: %w", s.Address, err)
	}
	line := newPatient(raw)
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	client, err := signIn(line, s, config)
	if err != nil {
		stop()
		_ = line.Close()
		return nil, errors.Join(fmt.Errorf("courier: %s: %w", s.Address, err), ctx.Err())
	}
	t := &remote{client, line, stop}
	return &Box{tree: t, out: path.Clean(s.Out), in: path.Clean(s.In), where: "sftp://" + s.User + "@" + s.Address + "/"}, nil
}

func signIn(line net.Conn, s Server, config *ssh.ClientConfig) (*sftp.Client, error) {
	link, channels, requests, err := ssh.NewClientConn(line, s.Address, config)
	if err != nil {
		return nil, err
	}
	return sftp.NewClient(ssh.NewClient(link, channels, requests))
}

// patient gives up a connection on which nothing moves for long.
type patient struct {
	net.Conn
	alarm *time.Timer
}

func newPatient(raw net.Conn) *patient {
	return &patient{raw, time.AfterFunc(patience, func() { _ = raw.Close() })}
}

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	p.alarm.Reset(patience)
	return n, err
}

func (p *patient) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	p.alarm.Reset(patience)
	return n, err
}

func (p *patient) Close() error {
	p.alarm.Stop()
	return p.Conn.Close()
}

// remote is a server's tree.
type remote struct {
	client *sftp.Client
	line   net.Conn
	stop   func() bool
}

func (r *remote) Stat(path string) (fs.FileInfo, error)   { return r.client.Lstat(path) }
func (r *remote) Open(path string) (io.ReadCloser, error) { return r.client.Open(path) }
func (r *remote) Rename(from, to string) error            { return r.client.PosixRename(from, to) }
func (r *remote) Remove(path string) error                { return r.client.Remove(path) }
func (r *remote) List(path string) ([]fs.FileInfo, error) { return r.client.ReadDir(path) }
func (r *remote) Make(path string) error                  { return r.client.MkdirAll(path) }

// SyncFolder has nothing to ask for: the protocol cannot sync folders. A server that loses power may lose the name;
// the file is then delivered again when somebody asks for it.
func (r *remote) SyncFolder(string) error { return nil }

func (r *remote) Close() error {
	r.stop()
	_ = r.client.Close() // It only says that the line is closed, or was.
	if err := r.line.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (r *remote) Append(path string, at int64) (sink, error) {
	f, err := r.client.OpenFile(path, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err := at0(f, at); err != nil {
		return nil, err
	}
	return synced{f}, nil
}

// synced lets servers be that cannot sync a file.
type synced struct{ *sftp.File }

func (s synced) Sync() error {
	err := s.File.Sync()
	var status *sftp.StatusError
	if errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxOpUnsupported {
		return nil
	}
	return err
}
