namespace GpuStack.EndToEnd.Kubectl;

/// <summary>The kubectl that <c>scripts/tools.sh</c> installs, or the one on PATH, used against one cluster.</summary>
internal sealed class KubectlTool(string program, string kubeconfig) : ClusterTool(program, kubeconfig)
{
    public static string? Find() => Find("kubectl");
}
