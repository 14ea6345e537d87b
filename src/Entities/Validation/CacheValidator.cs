using FluentValidation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.cache</c>.</summary>
internal sealed class CacheValidator : AbstractValidator<CacheSpec>
{
    /// <summary>Folders that belong to the node itself.</summary>
    private static readonly string[] SystemFolders =
    [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/lib/etcd", "/var/lib/kubelet", "/var/run",
    ];

    public CacheValidator()
    {
        RuleFor(cache => cache).Custom((cache, context) =>
        {
            if (cache.HostPath is not { } hostPath) return;
            var path = hostPath.Path.TrimEnd('/');
            if (path.Length == 0 || SystemFolders.Any(folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal)))
                context.AddFailure("hostPath.path", $"{hostPath.Path} belongs to the node's system; choose a folder such as /var/lib/gpustack/models");
        });
    }
}
