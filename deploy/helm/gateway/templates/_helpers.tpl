{{- define "gateway.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "gateway.selector" -}}
app.kubernetes.io/name: gateway
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "gateway.labels" -}}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "gateway.sharedSecret" -}}
{{- .Values.secrets.existing | default (printf "%s-shared" (include "gateway.name" .)) -}}
{{- end -}}

{{- define "gateway.consoleSecret" -}}
{{- .Values.secrets.consoleExisting | default (printf "%s-console" (include "gateway.name" .)) -}}
{{- end -}}

{{/* preStop + delay + grace + 6 s in which the journal is drained, and some. */}}
{{- define "gateway.terminationSeconds" -}}
{{- add (int .Values.shutdown.preStopSeconds) (int .Values.shutdown.delaySeconds) (int .Values.shutdown.graceSeconds) 6 14 -}}
{{- end -}}

{{/* The pod of either role: root, component (gateway or console), resources, env, data (whether the volume is an emptyDir). */}}
{{- define "gateway.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "gateway.labels" . | nindent 4 }}
  annotations:
    # Settings hold from the start, so other ones make new pods; the file is followed while they run.
    checksum/settings: {{ toYaml (list $root.Values.env $root.Values.shutdown .env) | sha256sum }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "gateway.terminationSeconds" $root }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1654
    runAsGroup: 1654
    fsGroup: 1654
    seccompProfile: {type: RuntimeDefault}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "gateway.selector" . | nindent 10 }}
  containers:
    - name: {{ .component }}
      image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      envFrom:
        - configMapRef: {name: {{ include "gateway.name" $root }}-settings}
        - secretRef: {name: {{ include "gateway.sharedSecret" $root }}}
        {{- if eq .component "console" }}
        - secretRef: {name: {{ include "gateway.consoleSecret" $root }}}
        {{- end }}
      env:
        - name: Gateway__Role
          value: {{ .component }}
        - name: Gateway__NodeName
          valueFrom:
            fieldRef: {fieldPath: metadata.name}
        {{- if and (eq .component "console") $root.Values.console.publicUrl }}
        - name: Gateway__SignIn__PublicUrl
          value: {{ $root.Values.console.publicUrl | quote }}
        {{- end }}
        {{- range $name, $value := .env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      ports:
        - {name: http, containerPort: 8080}
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      startupProbe:
        httpGet: {path: /livez, port: http}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /livez, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      lifecycle:
        preStop:
          exec: {command: ["sleep", {{ $root.Values.shutdown.preStopSeconds | quote }}]}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: ["ALL"]}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        - {name: file, mountPath: /etc/gateway, readOnly: true}
  volumes:
    {{- if .emptyData }}
    - name: data
      emptyDir: {sizeLimit: 4Gi}
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: {{ $root.Values.temporary.sizeLimit }}}
    - name: file
      configMap: {name: {{ include "gateway.name" $root }}-file}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* An ingress of either role: root, component, ingress, service (its name and port). */}}
{{- define "gateway.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .service }}
  labels:
    {{- include "gateway.labels" . | nindent 4 }}
  {{- with .ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .ingress.tlsSecretName }}
  tls:
    - hosts: [{{ .ingress.host | quote }}]
      secretName: {{ .ingress.tlsSecretName }}
  {{- end }}
  rules:
    - host: {{ .ingress.host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ .service }}
                port: {name: http}
{{- end -}}
