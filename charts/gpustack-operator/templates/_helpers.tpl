{{- /* Names */ -}}

{{- define "gpustack-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "gpustack-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "gpustack-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is required when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "gpustack-operator.priorityClassName" -}}
{{- if .Values.priorityClass.create -}}
{{- .Values.priorityClass.name | default (include "gpustack-operator.fullname" .) -}}
{{- else -}}
{{- .Values.priorityClassName -}}
{{- end -}}
{{- end -}}

{{- /* Labels */ -}}

{{- /* Deployments cannot change their selector: neither can these labels. Policies of the groups know the operator by the name. */}}
{{- define "gpustack-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "gpustack-operator.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "gpustack-operator.labels" -}}
{{- $own := fromYaml (printf "%s\n%s" (include "gpustack-operator.selectorLabels" .) (include "gpustack-operator.commonLabels" .)) -}}
{{- mergeOverwrite (deepCopy .Values.commonLabels) $own | toYaml -}}
{{- end -}}

{{- /* With labels beside them, which win: (list . LABELS). */}}
{{- define "gpustack-operator.labelsWith" -}}
{{- mergeOverwrite (include "gpustack-operator.labels" (index . 0) | fromYaml) (index . 1) | toYaml -}}
{{- end -}}

{{- define "gpustack-operator.podLabels" -}}
{{- $own := fromYaml (include "gpustack-operator.labels" .) -}}
{{- mergeOverwrite (deepCopy .Values.podLabels) $own | toYaml -}}
{{- end -}}

{{- /* The operator reads its products and authorities once: other ones start it anew. */}}
{{- define "gpustack-operator.podAnnotations" -}}
{{- $own := dict "kubectl.kubernetes.io/default-container" "operator" -}}
{{- with .Values.gpuProducts }}{{ $_ := set $own "checksum/gpu-products" (toJson . | sha256sum) }}{{ end -}}
{{- with .Values.trust.caBundle }}{{ $_ := set $own "checksum/trust" (sha256sum .) }}{{ end -}}
{{- mergeOverwrite $own (deepCopy .Values.podAnnotations) | toYaml -}}
{{- end -}}

{{- /* Pods of `helm test` are none of the operator's: its Service, budget and policies do not select them. */}}
{{- define "gpustack-operator.testLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{ include "gpustack-operator.commonLabels" . }}
{{- end -}}

{{- /* Images */ -}}

{{- /* An image's name from another registry: (dict "image" NAME "registry" REGISTRY). The first part is a host if it looks like one. */}}
{{- define "gpustack-operator.fromRegistry" -}}
{{- $parts := splitList "/" .image -}}
{{- $host := first $parts -}}
{{- if not .registry -}}
{{- .image -}}
{{- else if and (gt (len $parts) 1) (or (contains "." $host) (contains ":" $host) (eq $host "localhost")) -}}
{{- printf "%s/%s" (trimSuffix "/" .registry) (rest $parts | join "/") -}}
{{- else -}}
{{- printf "%s/%s" (trimSuffix "/" .registry) .image -}}
{{- end -}}
{{- end -}}

{{- define "gpustack-operator.image" -}}
{{- $registry := .Values.image.registry | default .Values.global.imageRegistry -}}
{{- $name := include "gpustack-operator.fromRegistry" (dict "image" .Values.image.repository "registry" $registry) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* Namespaces */ -}}

{{- /* The watched namespaces as {"list": [...]}; an empty list for all. */}}
{{- define "gpustack-operator.watchNamespaces" -}}
{{- $watched := .Values.watchNamespaces -}}
{{- if and (empty $watched) .Values.watchNamespace -}}
{{- $watched = list .Values.watchNamespace -}}
{{- end -}}
{{- dict "list" (uniq $watched) | toJson -}}
{{- end -}}

{{- /* Roles */ -}}

{{- /* The rules of a generated role: (list . FILE). The webhook's objects have the release's name, the lease has its own. */}}
{{- define "gpustack-operator.rules" -}}
{{- $root := index . 0 -}}
{{- $text := $root.Files.Get (printf "files/rbac/%s" (index . 1)) -}}
{{- if hasPrefix "webhook" (index . 1) -}}
{{- $text = regexReplaceAll "(?m)^( *- )gpustack-operator(-webhook-cert)?$" $text (printf "${1}%s${2}" (include "gpustack-operator.fullname" $root)) -}}
{{- end -}}
{{- ($text | fromYaml).rules | default list | toYaml -}}
{{- end -}}

{{- /* The operator as the subject of a binding. */}}
{{- define "gpustack-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "gpustack-operator.serviceAccountName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end -}}

{{- /* Certificates */ -}}

{{- /* The Secret that holds a listener's certificate: (list . VALUES NAME); empty where the operator makes its own. */}}
{{- define "gpustack-operator.certificateSecret" -}}
{{- $root := index . 0 -}}
{{- $certificates := (index . 1).certificates -}}
{{- if $certificates.secretName -}}
{{- $certificates.secretName -}}
{{- else if $certificates.certManager.enabled -}}
{{- printf "%s-%s-tls" (include "gpustack-operator.fullname" $root) (index . 2) -}}
{{- end -}}
{{- end -}}

{{- /* Metrics */ -}}

{{- /* The name of the container's port that serves /metrics. */}}
{{- define "gpustack-operator.metricsPortName" -}}
{{- ternary "metrics" "health" .Values.metrics.secure -}}
{{- end -}}
