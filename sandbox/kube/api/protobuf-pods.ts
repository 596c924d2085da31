import { type Message, message } from './protobuf-message.ts'

/** `PodSpec` and what it contains, except ephemeral containers and volumes of retired plugins (k8s.io/api 0.37). */
export const podMessages: Record<string, Message> = {
  Container: message(`
    1 name string, 2 image string, 3 command *string, 4 args *string, 5 workingDir string, 6 ports
    *ContainerPort, 7 env *EnvVar, 8 resources ResourceRequirements, 9 volumeMounts *VolumeMount, 10
    livenessProbe Probe, 11 readinessProbe Probe, 12 lifecycle Lifecycle, 13 terminationMessagePath
    string, 14 imagePullPolicy string, 15 securityContext SecurityContext, 16 stdin bool?, 17 stdinOnce
    bool?, 18 tty bool?, 19 envFrom *EnvFromSource, 20 terminationMessagePolicy string, 21 volumeDevices
    *VolumeDevice, 22 startupProbe Probe, 23 resizePolicy *ContainerResizePolicy, 24 restartPolicy
    string, 25 restartPolicyRules *ContainerRestartRule
  `),
  ContainerPort: message(`
    1 name string, 2 hostPort int?, 3 containerPort int, 4 protocol string, 5 hostIP string
  `),
  EnvFromSource: message('1 prefix string, 2 configMapRef ConfigMapEnvSource, 3 secretRef SecretEnvSource'),
  ConfigMapEnvSource: message('1 inline LocalObjectReference, 2 optional bool'),
  SecretEnvSource: message('1 inline LocalObjectReference, 2 optional bool'),
  EnvVar: message('1 name string, 2 value string, 3 valueFrom EnvVarSource'),
  EnvVarSource: message(`
    1 fieldRef ObjectFieldSelector, 2 resourceFieldRef ResourceFieldSelector, 3 configMapKeyRef
    ConfigMapKeySelector, 4 secretKeyRef SecretKeySelector, 5 fileKeyRef FileKeySelector
  `),
  ObjectFieldSelector: message('1 apiVersion string, 2 fieldPath string'),
  ResourceFieldSelector: message('1 containerName string, 2 resource string, 3 divisor Quantity'),
  ConfigMapKeySelector: message('1 inline LocalObjectReference, 2 key string, 3 optional bool'),
  SecretKeySelector: message('1 inline LocalObjectReference, 2 key string, 3 optional bool'),
  FileKeySelector: message('1 volumeName string, 2 path string, 3 key string, 4 optional bool'),
  ResourceRequirements: message('1 limits map:Quantity, 2 requests map:Quantity, 3 claims *ResourceClaim'),
  ResourceClaim: message('1 name string, 2 request string'),
  ContainerResizePolicy: message('1 resourceName string, 2 restartPolicy string'),
  ContainerRestartRule: message(''),
  VolumeMount: message(`
    1 name string, 2 readOnly bool?, 3 mountPath string, 4 subPath string, 5 mountPropagation string, 6
    subPathExpr string, 7 recursiveReadOnly string, 8 bindMountOptions *string
  `),
  VolumeDevice: message('1 name string, 2 devicePath string'),
  Probe: message(`
    1 inline ProbeHandler, 2 initialDelaySeconds int?, 3 timeoutSeconds int?, 4 periodSeconds int?, 5
    successThreshold int?, 6 failureThreshold int?, 7 terminationGracePeriodSeconds int
  `),
  ProbeHandler: message(`
    1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 grpc GRPCAction
  `),
  ExecAction: message('1 command *string'),
  HTTPGetAction: message(`
    1 path string, 2 port IntOrString, 3 host string, 4 scheme string, 5 httpHeaders *HTTPHeader, 6
    protocol string
  `),
  HTTPHeader: message('1 name string, 2 value string'),
  TCPSocketAction: message('1 port IntOrString, 2 host string'),
  GRPCAction: message('1 port int, 2 service string, 3 mode string'),
  Lifecycle: message('1 postStart LifecycleHandler, 2 preStop LifecycleHandler, 3 stopSignal string'),
  LifecycleHandler: message(`
    1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 sleep SleepAction
  `),
  SleepAction: message('1 seconds int'),
  SecurityContext: message(`
    1 capabilities Capabilities, 2 privileged bool, 3 seLinuxOptions SELinuxOptions, 4 runAsUser int, 5
    runAsNonRoot bool, 6 readOnlyRootFilesystem bool, 7 allowPrivilegeEscalation bool, 8 runAsGroup int,
    9 procMount string, 10 windowsOptions WindowsSecurityContextOptions, 11 seccompProfile
    SeccompProfile, 12 appArmorProfile AppArmorProfile
  `),
  Capabilities: message('1 add *string, 2 drop *string'),
  SELinuxOptions: message('1 user string, 2 role string, 3 type string, 4 level string'),
  WindowsSecurityContextOptions: message(`
    1 gmsaCredentialSpecName string, 2 gmsaCredentialSpec string, 3 runAsUserName string, 4 hostProcess
    bool
  `),
  SeccompProfile: message('1 type string, 2 localhostProfile string'),
  AppArmorProfile: message('1 type string, 2 localhostProfile string'),
  PodSpec: message(`
    1 volumes *Volume, 2 containers *Container, 3 restartPolicy string, 4 terminationGracePeriodSeconds
    int, 5 activeDeadlineSeconds int, 6 dnsPolicy string, 7 nodeSelector map:string, 8
    serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool?, 12
    hostPID bool?, 13 hostIPC bool?, 14 securityContext PodSecurityContext, 15 imagePullSecrets
    *LocalObjectReference, 16 hostname string, 17 subdomain string, 18 affinity Affinity, 19
    schedulerName string, 20 initContainers *Container, 21 automountServiceAccountToken bool, 22
    tolerations *Toleration, 23 hostAliases *HostAlias, 24 priorityClassName string, 25 priority int, 26
    dnsConfig PodDNSConfig, 27 shareProcessNamespace bool, 28 readinessGates *PodReadinessGate, 29
    runtimeClassName string, 30 enableServiceLinks bool, 31 preemptionPolicy string, 32 overhead
    map:Quantity, 33 topologySpreadConstraints *TopologySpreadConstraint, 35 setHostnameAsFQDN bool, 36
    os PodOS, 37 hostUsers bool, 38 schedulingGates *PodSchedulingGate, 39 resourceClaims
    *PodResourceClaim, 40 resources ResourceRequirements, 41 hostnameOverride string
  `),
  Volume: message('1 name string, 2 inline VolumeSource'),
  VolumeSource: message(`
    1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource, 6 secret SecretVolumeSource, 10
    persistentVolumeClaim PersistentVolumeClaimVolumeSource, 16 downwardAPI DownwardAPIVolumeSource, 19
    configMap ConfigMapVolumeSource, 26 projected ProjectedVolumeSource, 28 csi CSIVolumeSource
  `),
  HostPathVolumeSource: message('1 path string, 2 type string'),
  EmptyDirVolumeSource: message('1 medium string, 2 sizeLimit Quantity, 3 mode int'),
  SecretVolumeSource: message(`
    1 secretName string, 2 items *KeyToPath, 3 defaultMode int, 4 optional bool, 5 defaultUser int
  `),
  KeyToPath: message('1 key string, 2 path string, 3 mode int, 4 user int'),
  PersistentVolumeClaimVolumeSource: message('1 claimName string, 2 readOnly bool?'),
  DownwardAPIVolumeSource: message('1 items *DownwardAPIVolumeFile, 2 defaultMode int, 3 defaultUser int'),
  DownwardAPIVolumeFile: message(`
    1 path string, 2 fieldRef ObjectFieldSelector, 3 resourceFieldRef ResourceFieldSelector, 4 mode int,
    5 user int
  `),
  ConfigMapVolumeSource: message(`
    1 inline LocalObjectReference, 2 items *KeyToPath, 3 defaultMode int, 4 optional bool, 5 defaultUser
    int
  `),
  ProjectedVolumeSource: message('1 sources *VolumeProjection, 2 defaultMode int, 3 defaultUser int'),
  VolumeProjection: message(`
    1 secret SecretProjection, 2 downwardAPI DownwardAPIProjection, 3 configMap ConfigMapProjection, 4
    serviceAccountToken ServiceAccountTokenProjection
  `),
  SecretProjection: message('1 inline LocalObjectReference, 2 items *KeyToPath, 4 optional bool'),
  DownwardAPIProjection: message('1 items *DownwardAPIVolumeFile'),
  ConfigMapProjection: message('1 inline LocalObjectReference, 2 items *KeyToPath, 4 optional bool'),
  ServiceAccountTokenProjection: message(
    '1 audience string, 2 expirationSeconds int, 3 path string, 4 user int',
  ),
  CSIVolumeSource: message(`
    1 driver string, 2 readOnly bool, 3 fsType string, 4 volumeAttributes map:string, 5
    nodePublishSecretRef LocalObjectReference
  `),
  PodSecurityContext: message(`
    1 seLinuxOptions SELinuxOptions, 2 runAsUser int, 3 runAsNonRoot bool, 4 supplementalGroups *int, 5
    fsGroup int, 6 runAsGroup int, 7 sysctls *Sysctl, 8 windowsOptions WindowsSecurityContextOptions, 9
    fsGroupChangePolicy string, 10 seccompProfile SeccompProfile, 11 appArmorProfile AppArmorProfile, 12
    supplementalGroupsPolicy string, 13 seLinuxChangePolicy string
  `),
  Sysctl: message('1 name string, 2 value string'),
  Affinity: message(`
    1 nodeAffinity NodeAffinity, 2 podAffinity PodAffinity, 3 podAntiAffinity PodAntiAffinity
  `),
  NodeAffinity: message(`
    1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector, 2
    preferredDuringSchedulingIgnoredDuringExecution *PreferredSchedulingTerm
  `),
  NodeSelector: message('1 nodeSelectorTerms *NodeSelectorTerm'),
  NodeSelectorTerm: message(`
    1 matchExpressions *NodeSelectorRequirement, 2 matchFields *NodeSelectorRequirement
  `),
  NodeSelectorRequirement: message('1 key string, 2 operator string, 3 values *string'),
  PreferredSchedulingTerm: message('1 weight int, 2 preference NodeSelectorTerm'),
  PodAffinity: message(`
    1 requiredDuringSchedulingIgnoredDuringExecution *PodAffinityTerm, 2
    preferredDuringSchedulingIgnoredDuringExecution *WeightedPodAffinityTerm
  `),
  PodAffinityTerm: message(`
    1 labelSelector LabelSelector, 2 namespaces *string, 3 topologyKey string, 4 namespaceSelector
    LabelSelector, 5 matchLabelKeys *string, 6 mismatchLabelKeys *string
  `),
  WeightedPodAffinityTerm: message('1 weight int, 2 podAffinityTerm PodAffinityTerm'),
  PodAntiAffinity: message(`
    1 requiredDuringSchedulingIgnoredDuringExecution *PodAffinityTerm, 2
    preferredDuringSchedulingIgnoredDuringExecution *WeightedPodAffinityTerm
  `),
  Toleration: message(`
    1 key string, 2 operator string, 3 value string, 4 effect string, 5 tolerationSeconds int
  `),
  HostAlias: message('1 ip string, 2 hostnames *string'),
  PodDNSConfig: message('1 nameservers *string, 2 searches *string, 3 options *PodDNSConfigOption'),
  PodDNSConfigOption: message('1 name string, 2 value string'),
  PodReadinessGate: message('1 conditionType string'),
  TopologySpreadConstraint: message(`
    1 maxSkew int, 2 topologyKey string, 3 whenUnsatisfiable string, 4 labelSelector LabelSelector, 5
    minDomains int, 6 nodeAffinityPolicy string, 7 nodeTaintsPolicy string, 8 matchLabelKeys *string
  `),
  PodOS: message('1 name string'),
  PodSchedulingGate: message('1 name string'),
  PodResourceClaim: message('1 name string, 3 resourceClaimName string, 4 resourceClaimTemplateName string'),
}
