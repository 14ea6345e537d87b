namespace GpuStack.Kubernetes.Models;

/// <summary>An environment variable, given or taken from elsewhere.</summary>
public sealed class V1EnvVar
{
    public string? Name { get; set; }

    public string? Value { get; set; }

    public V1EnvVarSource? ValueFrom { get; set; }
}

public sealed class V1EnvVarSource
{
    public V1ObjectFieldSelector? FieldRef { get; set; }

    public V1ResourceFieldSelector? ResourceFieldRef { get; set; }

    public V1ConfigMapKeySelector? ConfigMapKeyRef { get; set; }

    public V1SecretKeySelector? SecretKeyRef { get; set; }
}

public sealed class V1ObjectFieldSelector
{
    public string? ApiVersion { get; set; }

    public string? FieldPath { get; set; }
}

public sealed class V1ResourceFieldSelector
{
    public string? ContainerName { get; set; }

    public string? Resource { get; set; }

    public Quantity? Divisor { get; set; }
}

public sealed class V1ConfigMapKeySelector
{
    public string? Name { get; set; }

    public string? Key { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1SecretKeySelector
{
    public string? Name { get; set; }

    public string? Key { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1EnvFromSource
{
    public string? Prefix { get; set; }

    public V1ConfigMapEnvSource? ConfigMapRef { get; set; }

    public V1SecretEnvSource? SecretRef { get; set; }
}

public sealed class V1ConfigMapEnvSource
{
    public string? Name { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1SecretEnvSource
{
    public string? Name { get; set; }

    public bool? Optional { get; set; }
}
