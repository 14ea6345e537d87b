using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Charts.Tests.Pods;

public sealed class RestrictedProfileTests
{
    private const string Allowed = """
        securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
        volumes: [{name: a, emptyDir: {}}, {name: b, secret: {secretName: b}}]
        containers:
        - name: c
          ports: [{containerPort: 80}]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        """;

    [Fact]
    public void A_restricted_pod_has_no_violations() => Assert.Empty(Violations(Allowed));

    [Theory]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "container c: runAsNonRoot is not true")]
    [InlineData("runAsUser: 1000", "runAsUser: 0", "pod: runAsUser is 0")]
    [InlineData("seccompProfile: {type: RuntimeDefault}", "fsGroup: 1", "container c: seccompProfile is neither RuntimeDefault nor Localhost")]
    [InlineData("seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}", "pod: seccompProfile is Unconfined")]
    [InlineData("emptyDir: {}", "hostPath: {path: /}", "volume a is of a kind that is not allowed")]
    [InlineData("drop: [ALL]", "drop: [NET_RAW]", "container c: capabilities.drop lacks ALL")]
    [InlineData("drop: [ALL]", "drop: [ALL], add: [IPC_LOCK]", "container c: capabilities.add has IPC_LOCK")]
    [InlineData("allowPrivilegeEscalation: false", "privileged: true", "container c: privileged")]
    [InlineData("allowPrivilegeEscalation: false", "readOnlyRootFilesystem: true", "container c: allowPrivilegeEscalation is not false")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, procMount: Unmasked", "container c: procMount")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, seLinuxOptions: {type: spc_t}", "container c: seLinuxOptions")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: false, appArmorProfile: {type: Unconfined}", "container c: appArmorProfile is Unconfined")]
    [InlineData("containerPort: 80", "containerPort: 80, hostPort: 80", "container c: hostPort 80")]
    [InlineData("containers:", "hostPID: true\ncontainers:", "hostPID")]
    [InlineData("containers:", "hostNetwork: true\ncontainers:", "hostNetwork")]
    [InlineData("containers:", "initContainers: [{name: i}]\ncontainers:", "container i: allowPrivilegeEscalation is not false")]
    [InlineData("- name: c", "- name: c\n  livenessProbe: {httpGet: {host: 10.0.0.1}}", "container c: a probe or a lifecycle handler names a host")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: true, sysctls: [{name: kernel.msgmax}]", "sysctl kernel.msgmax")]
    public void What_the_level_does_not_allow_is_found(string text, string instead, string violation) =>
        Assert.Contains(violation, Violations(Allowed.Replace(text, instead, StringComparison.Ordinal)));

    [Fact]
    public void AppArmors_old_annotations_count() =>
        Assert.Equal(
            ["annotation container.apparmor.security.beta.kubernetes.io/c"],
            RestrictedProfile.Violations(
                YamlReader.Read(Allowed, "pod")!.AsObject(), new() { ["container.apparmor.security.beta.kubernetes.io/c"] = "unconfined" }));

    private static IReadOnlyList<string> Violations(string pod) => RestrictedProfile.Violations(YamlReader.Read(pod, "pod")!.AsObject());
}
