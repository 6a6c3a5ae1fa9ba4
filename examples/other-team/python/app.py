from aws_cdk import App, Environment

from fraud_stack import FraudStack

app = App(outdir="cdk.out", analytics_reporting=False)
FraudStack(app, "Fraud", env=Environment(region="eu-west-1"))
app.synth()
