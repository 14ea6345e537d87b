namespace GpuStack.Operator.Commands;

/// <summary>The exit codes of every command.</summary>
public static class ExitCodes
{
    /// <summary>The command did what was asked.</summary>
    public const int Success = 0;

    /// <summary>The call was right, the work failed: nothing fits, the deployment is not Ready, the cluster refused.</summary>
    public const int WorkFailed = 1;

    /// <summary>The call or its input is wrong.</summary>
    public const int WrongInput = 2;
}
