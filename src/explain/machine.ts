import type { Explanation } from './explanation.ts'

const values = [/(?<![\w.-])(?<host>[\w.-]+(?::\d+)?) is unreachable/, /connect \w+ (?<host>[\d.:a-f]+)/]

/** Limits and rules of the machine that wi-setup runs on. */
export const machineExplanations: readonly Explanation[] = [
  {
    codes: ['EMFILE', 'InsufficientStorage'],
    message: /EMFILE|too many open files/,
    context: /EMFILE/,
    values,
    what: "wi-setup has reached this shell's limit of open files",
    why: ['The limit (ulimit -n) is too low for the connections and files of a run'],
    remedy: 'Raise the limit with ulimit -n 4096, then run the same command again in the same shell',
  },
  {
    codes: ['ENFILE'],
    values,
    what: "This machine has reached the system's limit of open files",
    why: ['All programs together have too many files and connections open'],
    remedy:
      'End programs that you do not need or raise the limit (sysctl fs.file-max), then run the same command again',
  },
  {
    codes: ['ENOSPC', 'EDQUOT', 'InsufficientStorage'],
    message: /ENOSPC|EDQUOT|no space left|disk is full|quota of the disk/i,
    context: /ENOSPC|EDQUOT/,
    what: 'The disk of this machine is full',
    why: ['There is no space left in the folder, or your quota is used up'],
    remedy: 'Free some space, then run the same command again',
  },
  {
    codes: ['EROFS', 'InsufficientStorage'],
    message: /EROFS|read-only file ?system|file system is read-only/i,
    context: /EROFS/,
    what: 'A folder that wi-setup writes to is read-only',
    why: ['The file system is mounted read-only, as in many containers'],
    remedy: 'Set HOME, TMPDIR or XDG_STATE_HOME to a writable folder, then run the same command again',
  },
  {
    codes: ['EADDRNOTAVAIL'],
    values,
    what: 'This machine has no free local port for a connection to {host|the server}',
    why: ['Programs on this machine have opened many connections', 'The network interface has no address'],
    remedy: 'Wait two minutes until closed connections release their ports, then run the same command again',
  },
  {
    codes: ['ENOBUFS', 'ENOMEM'],
    values,
    what: 'This machine has no memory left for a connection or a program',
    why: ['The machine or container has too little memory'],
    remedy: 'End other programs or raise the memory limit, then run the same command again',
  },
  {
    codes: ['EPERM', 'EACCES'],
    message: /is unreachable: this machine forbids|connect E(?:PERM|ACCES)/,
    values,
    what: 'This machine forbids connections to {host|the server}',
    why: ['A local firewall, a container policy or security software blocks them'],
    remedy: 'Allow outgoing connections to port 443 of {host|the server}, then run the same command again',
  },
]
