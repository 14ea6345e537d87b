using System.Text.Json.Nodes;

namespace GpuStack.Charts.Tests.Pods;

/// <summary>
/// The <c>restricted</c> level of the Pod Security Standards, with what it takes over from <c>baseline</c>, as of Kubernetes 1.34. Reads JSON
/// alone, so that it sees what an object says and not what our models know of it. Pure.
/// </summary>
internal static class RestrictedProfile
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];
    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] Handlers = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] SeLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    private static readonly string[] Profiles = ["RuntimeDefault", "Localhost"];

    private static readonly string[] Sysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
        "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
    ];

    /// <summary>What the level does not allow, each with its field.</summary>
    /// <param name="pod">The <c>spec</c> of a pod or of a pod template.</param>
    /// <param name="annotations">Its annotations; AppArmor's old ones count.</param>
    public static IReadOnlyList<string> Violations(JsonObject pod, JsonObject? annotations = null) =>
    [
        .. OfPod(pod),
        .. Containers(pod).SelectMany(container => OfContainer(pod, container)),
        .. (annotations ?? []).Where(pair => pair.Key.StartsWith("container.apparmor.security.beta.kubernetes.io/", StringComparison.Ordinal))
            .Where(pair => Text(pair.Value) is not (null or "" or "runtime/default") && Text(pair.Value)?.StartsWith("localhost/", StringComparison.Ordinal) is not true)
            .Select(pair => $"annotation {pair.Key}"),
    ];

    private static IEnumerable<string> OfPod(JsonObject pod)
    {
        foreach (var field in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if (IsTrue(pod[field]))
                yield return field;
        }
        foreach (var volume in Items(pod["volumes"]))
        {
            if (!volume.Any(source => Volumes.Contains(source.Key)))
                yield return $"volume {Text(volume["name"])} is of a kind that is not allowed";
        }
        foreach (var sysctl in Items(pod["securityContext"]?["sysctls"]))
        {
            if (!Sysctls.Contains(Text(sysctl["name"])))
                yield return $"sysctl {Text(sysctl["name"])}";
        }
        foreach (var violation in OfContext(pod["securityContext"], "pod"))
            yield return violation;
    }

    private static IEnumerable<string> OfContainer(JsonObject pod, JsonObject container)
    {
        var name = $"container {Text(container["name"])}";
        var (own, shared) = (container["securityContext"], pod["securityContext"]);
        if (IsTrue(own?["privileged"]))
            yield return $"{name}: privileged";
        if (own?["allowPrivilegeEscalation"] is not { } escalation || IsTrue(escalation))
            yield return $"{name}: allowPrivilegeEscalation is not false";
        if (Texts(own?["capabilities"]?["drop"]).All(capability => capability != "ALL"))
            yield return $"{name}: capabilities.drop lacks ALL";
        foreach (var capability in Texts(own?["capabilities"]?["add"]).Where(added => added != "NET_BIND_SERVICE"))
            yield return $"{name}: capabilities.add has {capability}";
        if (!IsTrue(own?["runAsNonRoot"] ?? shared?["runAsNonRoot"]))
            yield return $"{name}: runAsNonRoot is not true";
        if (!Profiles.Contains(Text((own?["seccompProfile"] ?? shared?["seccompProfile"])?["type"])))
            yield return $"{name}: seccompProfile is neither RuntimeDefault nor Localhost";
        if (Text(own?["procMount"]) is not (null or "" or "Default"))
            yield return $"{name}: procMount";
        foreach (var port in Items(container["ports"]))
        {
            if (port["hostPort"] is { } hostPort && hostPort.GetValue<long>() != 0)
                yield return $"{name}: hostPort {hostPort}";
        }
        var handlers = Handlers.Select(handler => container[handler]).Concat([container["lifecycle"]?["postStart"], container["lifecycle"]?["preStop"]]);
        if (handlers.Any(handler => Text(handler?["httpGet"]?["host"] ?? handler?["tcpSocket"]?["host"]) is { Length: > 0 }))
            yield return $"{name}: a probe or a lifecycle handler names a host";
        foreach (var violation in OfContext(own, name))
            yield return violation;
    }

    /// <summary>What a pod's context and a container's have in common.</summary>
    private static IEnumerable<string> OfContext(JsonNode? context, string name)
    {
        if (context?["runAsUser"] is { } user && user.GetValue<long>() == 0)
            yield return $"{name}: runAsUser is 0";
        if (Text(context?["seccompProfile"]?["type"]) is { } seccomp && !Profiles.Contains(seccomp))
            yield return $"{name}: seccompProfile is {seccomp}";
        if (Text(context?["appArmorProfile"]?["type"]) is { } appArmor && !Profiles.Contains(appArmor))
            yield return $"{name}: appArmorProfile is {appArmor}";
        if (context?["seLinuxOptions"] is { } linux && (!SeLinuxTypes.Contains(Text(linux["type"]) ?? "") || Text(linux["user"]) is { Length: > 0 } || Text(linux["role"]) is { Length: > 0 }))
            yield return $"{name}: seLinuxOptions";
        if (IsTrue(context?["windowsOptions"]?["hostProcess"]))
            yield return $"{name}: windowsOptions.hostProcess";
    }

    private static IEnumerable<JsonObject> Containers(JsonObject pod) => ContainerLists.SelectMany(list => Items(pod[list]));

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!.AsObject());

    private static IEnumerable<string?> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(Text);

    private static string? Text(JsonNode? node) => (node as JsonValue)?.GetValue<string>();

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.GetValue<bool>();
}
