import type { Simulator } from '../../simulator.ts'
import { newObject } from '../controllers/bootstrap.ts'
import { createObject } from '../objects/create.ts'
import { withObjectDefaults } from '../objects/defaults.ts'
import { deleteObject } from '../objects/deletion.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, getObject } from '../objects/store.ts'
import { updateObject } from '../objects/update.ts'
import type { WriteContext } from '../objects/write-context.ts'
import type { JsonObject, KubeCluster } from '../state.ts'
import { configurationName } from './webhook.ts'

const release = 'aks-managed-workload-identity'
const namespace = 'kube-system'
const app = 'workload-identity-webhook'
const image = 'mcr.microsoft.com/oss/azure/workload-identity/webhook:v1.6.0'
const systemLabel = { 'azure-workload-identity.io/system': 'true' }
const rbac = 'rbac.authorization.k8s.io'
const roleName = 'azure-wi-webhook-manager-role'
const bindingName = 'azure-wi-webhook-manager-rolebinding'
const account = 'azure-wi-webhook-admin'
const controllerName = 'azure-wi-webhook-controller-manager'
const serviceName = 'azure-wi-webhook-webhook-service'
const certificate = 'azure-wi-webhook-server-cert'
const podLabels = { app, ...systemLabel, 'kubernetes.azure.com/managedby': 'aks' }
const readVerbs = ['get', 'list', 'watch']

const deployment: JsonObject = {
  replicas: 2,
  selector: { matchLabels: { app, ...systemLabel } },
  template: {
    metadata: { labels: podLabels },
    spec: {
      containers: [
        {
          args: ['--log-level=info', '--metrics-addr=:8095', '--metrics-backend=prometheus'],
          command: ['/manager'],
          env: [
            {
              name: 'POD_NAMESPACE',
              valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
            },
          ],
          envFrom: [{ configMapRef: { name: 'azure-wi-webhook-config' } }],
          image,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: {
            failureThreshold: 6,
            httpGet: { path: '/healthz', port: 'healthz' },
            initialDelaySeconds: 15,
            periodSeconds: 20,
          },
          name: 'manager',
          ports: [
            { containerPort: 8095, name: 'metrics', protocol: 'TCP' },
            { containerPort: 9443, name: 'webhook-server', protocol: 'TCP' },
            { containerPort: 9440, name: 'healthz', protocol: 'TCP' },
          ],
          readinessProbe: {
            httpGet: { path: '/readyz', port: 'healthz' },
            initialDelaySeconds: 5,
            periodSeconds: 5,
          },
          resources: {
            limits: { cpu: '100m', memory: '30Mi' },
            requests: { cpu: '100m', memory: '20Mi' },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
            runAsGroup: 65532,
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumeMounts: [{ mountPath: '/certs', name: 'cert', readOnly: true }],
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: account,
      volumes: [{ name: 'cert', secret: { defaultMode: 420, secretName: certificate } }],
    },
  },
}

const webhooks = [
  {
    admissionReviewVersions: ['v1', 'v1beta1'],
    clientConfig: { service: { name: serviceName, namespace, path: '/mutate-v1-pod' } },
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    name: 'mutation.azure-workload-identity.io',
    namespaceSelector: {},
    objectSelector: { matchLabels: { 'azure.workload.identity/use': 'true' } },
    reinvocationPolicy: 'IfNeeded',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    sideEffects: 'None',
  },
]

const roleBinding = (kind: string): JsonObject => ({
  roleRef: { apiGroup: rbac, kind, name: roleName },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
})

/** The objects of the add-on, in the order of their creation. */
const addonObjects = (tenantId: string): [kind: string, name: string, body: JsonObject][] => [
  ['ServiceAccount', account, {}],
  ['Secret', certificate, {}],
  [
    'ConfigMap',
    'azure-wi-webhook-config',
    { data: { AZURE_ENVIRONMENT: 'AzurePublicCloud', AZURE_TENANT_ID: tenantId } },
  ],
  [
    'ClusterRole',
    roleName,
    {
      rules: [
        { apiGroups: [''], resources: ['serviceaccounts'], verbs: readVerbs },
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['mutatingwebhookconfigurations'],
          verbs: ['get', 'list', 'update', 'watch'],
        },
      ],
    },
  ],
  ['ClusterRoleBinding', bindingName, roleBinding('ClusterRole')],
  [
    'Role',
    roleName,
    {
      rules: [
        {
          apiGroups: [''],
          resources: ['secrets'],
          verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
        },
      ],
    },
  ],
  ['RoleBinding', bindingName, roleBinding('Role')],
  [
    'Service',
    serviceName,
    { spec: { ports: [{ port: 443, targetPort: 9443 }], selector: { app, ...systemLabel } } },
  ],
  ['Deployment', controllerName, { spec: deployment }],
  [
    'PodDisruptionBudget',
    controllerName,
    { spec: { minAvailable: 1, selector: { matchLabels: { app, ...systemLabel } } } },
  ],
  ['MutatingWebhookConfiguration', configurationName, { webhooks }],
]

const writeContext = (simulator: Simulator, cluster: KubeCluster, kind: string): WriteContext => {
  const resource = resourceForKind(kind)
  return {
    simulator,
    cluster,
    resource,
    namespace: resource.namespaced ? namespace : '',
    writer: { manager: 'helm', operation: 'Update', time: formatTime(simulator.now()) },
    dryRun: false,
  }
}

const addonMetadata = (name: string): JsonObject & { name: string } => ({
  name,
  labels: {
    app,
    'app.kubernetes.io/managed-by': 'Helm',
    ...systemLabel,
    'kubernetes.azure.com/managedby': 'aks',
  },
  annotations: {
    'meta.helm.sh/release-name': release,
    'meta.helm.sh/release-namespace': namespace,
  },
})

/** Installs the add-on or restores its objects. */
export function installAddon(simulator: Simulator, cluster: KubeCluster): void {
  for (const [kind, name, body] of addonObjects(cluster.tenantId)) {
    const context = writeContext(simulator, cluster, kind)
    const found = getObject(cluster, context.resource, context.namespace, name)
    const {
      kind: _k,
      apiVersion,
      ...wanted
    } = withObjectDefaults({ ...newObject(simulator, kind, addonMetadata(name), body) })
    if (!found) createObject(context, { apiVersion, kind, ...body, metadata: addonMetadata(name) })
    else if (['Secret', 'MutatingWebhookConfiguration'].includes(kind)) continue
    else
      updateObject(context, found, {
        ...found,
        ...wanted,
        metadata: { ...found.metadata, ...addonMetadata(name) },
      })
  }
}

export function removeAddon(simulator: Simulator, cluster: KubeCluster): void {
  for (const [kind, name] of addonObjects(cluster.tenantId).reverse()) {
    const context = writeContext(simulator, cluster, kind)
    const found = getObject(cluster, context.resource, context.namespace, name)
    if (found?.metadata.annotations?.['meta.helm.sh/release-name'] === release)
      deleteObject(context, found, {})
  }
}
