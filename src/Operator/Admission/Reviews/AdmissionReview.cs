using System.Text.Json;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Admission.Reviews;

/// <summary>What the API server asks, and what it is answered (<c>admission.k8s.io/v1</c>); as far as it is read here.</summary>
internal sealed class AdmissionReview
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public AdmissionRequest? Request { get; set; }

    public AdmissionResponse? Response { get; set; }
}

internal sealed class AdmissionRequest
{
    public string? Uid { get; set; }

    public AdmissionKind? Kind { get; set; }

    public string? SubResource { get; set; }

    public string? Namespace { get; set; }

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    public string? Operation { get; set; }

    public JsonElement? Object { get; set; }

    public JsonElement? OldObject { get; set; }
}

internal sealed class AdmissionKind
{
    public string? Group { get; set; }

    public string? Version { get; set; }

    public string? Kind { get; set; }
}

internal sealed class AdmissionResponse
{
    public required string Uid { get; set; }

    public bool Allowed { get; set; }

    /// <summary>Why not.</summary>
    public V1Status? Status { get; set; }

    /// <summary>What the client prints, whatever the answer is.</summary>
    public List<string>? Warnings { get; set; }
}
