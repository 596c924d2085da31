{{- define "labels" -}}
azure-workload-identity.io/system: "true"
app: workload-identity-webhook
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
