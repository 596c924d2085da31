import { advice, command, type RemedyTemplate } from './command-template.ts'

const gcloudLogin = command('gcloud auth login')
const awsSignIn = advice`Sign in again as your AWS profile requires: ${command('aws sso login')}, or renew its access keys. To test: ${command('aws sts get-caller-identity')}`

/** How the sign-in programs of kubeconfigs get their own sign-in. */
const ownSignIn: Readonly<Record<string, RemedyTemplate>> = {
  aws: awsSignIn,
  'aws-iam-authenticator': awsSignIn,
  az: command('az login'),
  doctl: command('doctl auth init'),
  gcloud: gcloudLogin,
  'gke-gcloud-auth-plugin': gcloudLogin,
  ibmcloud: command('ibmcloud login'),
  kubelogin: command('az login && kubelogin convert-kubeconfig --login azurecli'),
  oci: command('oci session authenticate'),
  tsh: command('tsh login'),
}

/** Returns the sign-in of the program, which may be a path; for an unknown program, a command that shows its error. */
export const signInOfProgram: RemedyTemplate = ({ program = '' } = {}) => {
  const name = program.replace(/^.*[/\\]/, '').replace(/\.exe$/i, '')
  const signIn = Object.hasOwn(ownSignIn, name) ? ownSignIn[name] : undefined
  return (signIn ?? command('kubectl get --raw /version'))()
}

const installKubelogin = command('az aks install-cli')

/** Returns how to install the sign-in program. */
export const installProgram: RemedyTemplate = ({ program } = {}) =>
  !program || program === 'kubelogin' ? installKubelogin() : `Install ${program}, or put it on the PATH`
