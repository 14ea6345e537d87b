namespace GpuStack.Kubernetes.Models;

/// <summary>A container's privileges.</summary>
public sealed class V1SecurityContext
{
    public V1Capabilities? Capabilities { get; set; }

    public bool? Privileged { get; set; }

    public V1SELinuxOptions? SeLinuxOptions { get; set; }

    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public bool? RunAsNonRoot { get; set; }

    public bool? ReadOnlyRootFilesystem { get; set; }

    public bool? AllowPrivilegeEscalation { get; set; }

    public string? ProcMount { get; set; }

    public V1SeccompProfile? SeccompProfile { get; set; }

    public V1AppArmorProfile? AppArmorProfile { get; set; }
}

/// <summary>A pod's privileges.</summary>
public sealed class V1PodSecurityContext
{
    public V1SELinuxOptions? SeLinuxOptions { get; set; }

    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public bool? RunAsNonRoot { get; set; }

    public List<long>? SupplementalGroups { get; set; }

    public string? SupplementalGroupsPolicy { get; set; }

    public long? FsGroup { get; set; }

    public string? FsGroupChangePolicy { get; set; }

    public List<V1Sysctl>? Sysctls { get; set; }

    public V1SeccompProfile? SeccompProfile { get; set; }

    public V1AppArmorProfile? AppArmorProfile { get; set; }
}

public sealed class V1Capabilities
{
    public List<string>? Add { get; set; }

    public List<string>? Drop { get; set; }
}

public sealed class V1SELinuxOptions
{
    public string? User { get; set; }

    public string? Role { get; set; }

    public string? Type { get; set; }

    public string? Level { get; set; }
}

public sealed class V1SeccompProfile
{
    public string? Type { get; set; }

    public string? LocalhostProfile { get; set; }
}

public sealed class V1AppArmorProfile
{
    public string? Type { get; set; }

    public string? LocalhostProfile { get; set; }
}

public sealed class V1Sysctl
{
    public string? Name { get; set; }

    public string? Value { get; set; }
}
