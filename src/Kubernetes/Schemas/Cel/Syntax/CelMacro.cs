namespace GpuStack.Kubernetes.Schemas.Cel.Syntax;

internal enum CelMacro
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}
